/// Growable vectors. The first eight functions are bytecode instructions; calls to them compile to these.
module std::vector {
    /// The index is out of bounds.
    const EINDEX_OUT_OF_BOUNDS: u64 = 0x20000;

    #[bytecode_instruction]
    native public fun empty<Element>(): vector<Element>;

    #[bytecode_instruction]
    native public fun length<Element>(v: &vector<Element>): u64;

    #[bytecode_instruction]
    native public fun borrow<Element>(v: &vector<Element>, i: u64): &Element;

    #[bytecode_instruction]
    native public fun push_back<Element>(v: &mut vector<Element>, e: Element);

    #[bytecode_instruction]
    native public fun borrow_mut<Element>(v: &mut vector<Element>, i: u64): &mut Element;

    #[bytecode_instruction]
    native public fun pop_back<Element>(v: &mut vector<Element>): Element;

    #[bytecode_instruction]
    native public fun destroy_empty<Element>(v: vector<Element>);

    #[bytecode_instruction]
    native public fun swap<Element>(v: &mut vector<Element>, i: u64, j: u64);

    /// A vector of one element.
    public fun singleton<Element>(e: Element): vector<Element> {
        let v = empty();
        push_back(&mut v, e);
        v
    }

    public fun is_empty<Element>(v: &vector<Element>): bool {
        length(v) == 0
    }

    /// Turns the order of the elements around.
    public fun reverse<Element>(v: &mut vector<Element>) {
        let len = length(v);
        if (len > 1) {
            let front = 0;
            let back = len - 1;
            while (front < back) {
                swap(v, front, back);
                front = front + 1;
                back = back - 1;
            }
        }
    }

    /// Moves the elements of `other` to the end of `v`, in their order.
    public fun append<Element>(v: &mut vector<Element>, other: vector<Element>) {
        reverse(&mut other);
        while (!is_empty(&other)) {
            push_back(v, pop_back(&mut other));
        };
        destroy_empty(other);
    }

    public fun contains<Element>(v: &vector<Element>, e: &Element): bool {
        let (found, _) = index_of(v, e);
        found
    }

    /// (true, i) of the first element equal to `e`, else (false, 0).
    public fun index_of<Element>(v: &vector<Element>, e: &Element): (bool, u64) {
        let i = 0;
        let len = length(v);
        while (i < len) {
            if (borrow(v, i) == e) return (true, i);
            i = i + 1;
        };
        (false, 0)
    }

    /// Takes out the element at `i` and closes the gap.
    public fun remove<Element>(v: &mut vector<Element>, i: u64): Element {
        let len = length(v);
        assert!(i < len, EINDEX_OUT_OF_BOUNDS);
        while (i + 1 < len) {
            swap(v, i, i + 1);
            i = i + 1;
        };
        pop_back(v)
    }

    /// Takes out the element at `i`; the last element takes its place.
    public fun swap_remove<Element>(v: &mut vector<Element>, i: u64): Element {
        assert!(!is_empty(v), EINDEX_OUT_OF_BOUNDS);
        let last = length(v) - 1;
        swap(v, i, last);
        pop_back(v)
    }
}
