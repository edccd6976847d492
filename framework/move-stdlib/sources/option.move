/// A value that may be absent.
module std::option {
    use std::vector;

    /// The option already holds a value.
    const EOPTION_IS_SET: u64 = 0x40000;
    /// The option holds no value.
    const EOPTION_NOT_SET: u64 = 0x40001;

    /// At most one element.
    struct Option<Element> has copy, drop, store {
        vec: vector<Element>
    }

    public fun none<Element>(): Option<Element> {
        Option { vec: vector::empty() }
    }

    public fun some<Element>(e: Element): Option<Element> {
        Option { vec: vector::singleton(e) }
    }

    public fun is_none<Element>(o: &Option<Element>): bool {
        vector::is_empty(&o.vec)
    }

    public fun is_some<Element>(o: &Option<Element>): bool {
        !vector::is_empty(&o.vec)
    }

    public fun contains<Element>(o: &Option<Element>, e: &Element): bool {
        vector::contains(&o.vec, e)
    }

    public fun borrow<Element>(o: &Option<Element>): &Element {
        assert!(is_some(o), EOPTION_NOT_SET);
        vector::borrow(&o.vec, 0)
    }

    public fun borrow_mut<Element>(o: &mut Option<Element>): &mut Element {
        assert!(is_some(o), EOPTION_NOT_SET);
        vector::borrow_mut(&mut o.vec, 0)
    }

    /// The value if there is one, else `default`.
    public fun get_with_default<Element: copy + drop>(o: &Option<Element>, default: Element): Element {
        if (is_some(o)) *vector::borrow(&o.vec, 0) else default
    }

    /// Puts a value into an empty option.
    public fun fill<Element>(o: &mut Option<Element>, e: Element) {
        assert!(is_none(o), EOPTION_IS_SET);
        vector::push_back(&mut o.vec, e);
    }

    /// Takes the value out and leaves the option empty.
    public fun extract<Element>(o: &mut Option<Element>): Element {
        assert!(is_some(o), EOPTION_NOT_SET);
        vector::pop_back(&mut o.vec)
    }

    /// Puts in a new value and returns the old one.
    public fun swap<Element>(o: &mut Option<Element>, e: Element): Element {
        assert!(is_some(o), EOPTION_NOT_SET);
        let old = vector::pop_back(&mut o.vec);
        vector::push_back(&mut o.vec, e);
        old
    }

    public fun destroy_some<Element>(o: Option<Element>): Element {
        assert!(is_some(&o), EOPTION_NOT_SET);
        let Option { vec } = o;
        let e = vector::pop_back(&mut vec);
        vector::destroy_empty(vec);
        e
    }

    public fun destroy_none<Element>(o: Option<Element>) {
        assert!(is_none(&o), EOPTION_IS_SET);
        let Option { vec } = o;
        vector::destroy_empty(vec);
    }
}
