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

    // ---- functions over elements: expanded where they are called, they have no bytecode of their own ----

    /// Gives each element to `f`, from the first to the last, and ends the vector.
    public inline fun for_each<Element>(v: vector<Element>, f: |Element|) {
        reverse(&mut v);
        while (!is_empty(&v)) {
            f(pop_back(&mut v));
        };
        destroy_empty(v);
    }

    /// Gives a reference to each element to `f`, in order.
    public inline fun for_each_ref<Element>(v: &vector<Element>, f: |&Element|) {
        let i = 0;
        let len = length(v);
        while (i < len) {
            f(borrow(v, i));
            i = i + 1;
        }
    }

    /// Gives a mutable reference to each element to `f`, in order.
    public inline fun for_each_mut<Element>(v: &mut vector<Element>, f: |&mut Element|) {
        let i = 0;
        let len = length(v);
        while (i < len) {
            f(borrow_mut(v, i));
            i = i + 1;
        }
    }

    /// Gives each element with its index to `f`, in order.
    public inline fun enumerate_ref<Element>(v: &vector<Element>, f: |u64, &Element|) {
        let i = 0;
        let len = length(v);
        while (i < len) {
            f(i, borrow(v, i));
            i = i + 1;
        }
    }

    /// Gives each element, to be changed, with its index to `f`, in order.
    public inline fun enumerate_mut<Element>(v: &mut vector<Element>, f: |u64, &mut Element|) {
        let i = 0;
        let len = length(v);
        while (i < len) {
            f(i, borrow_mut(v, i));
            i = i + 1;
        }
    }

    /// `f(… f(f(init, first), second) …, last)`.
    public inline fun fold<Accumulator, Element>(v: vector<Element>, init: Accumulator, f: |Accumulator, Element|Accumulator): Accumulator {
        let accumulated = init;
        reverse(&mut v);
        while (!is_empty(&v)) {
            accumulated = f(accumulated, pop_back(&mut v));
        };
        destroy_empty(v);
        accumulated
    }

    /// The vector of what `f` makes of each element, in order.
    public inline fun map<Element, Result>(v: vector<Element>, f: |Element|Result): vector<Result> {
        let results = empty<Result>();
        reverse(&mut v);
        while (!is_empty(&v)) {
            push_back(&mut results, f(pop_back(&mut v)));
        };
        destroy_empty(v);
        results
    }

    /// The vector of what `f` makes of a reference to each element, in order.
    public inline fun map_ref<Element, Result>(v: &vector<Element>, f: |&Element|Result): vector<Result> {
        let results = empty<Result>();
        let i = 0;
        let len = length(v);
        while (i < len) {
            push_back(&mut results, f(borrow(v, i)));
            i = i + 1;
        };
        results
    }

    /// The elements for which `p` holds, in order.
    public inline fun filter<Element: drop>(v: vector<Element>, p: |&Element|bool): vector<Element> {
        let kept = empty<Element>();
        reverse(&mut v);
        while (!is_empty(&v)) {
            let element = pop_back(&mut v);
            if (p(&element)) {
                push_back(&mut kept, element);
            };
        };
        destroy_empty(v);
        kept
    }

    /// Whether `p` holds for some element; it is asked no further once it did.
    public inline fun any<Element>(v: &vector<Element>, p: |&Element|bool): bool {
        let found = false;
        let i = 0;
        let len = length(v);
        while (i < len && !found) {
            found = p(borrow(v, i));
            i = i + 1;
        };
        found
    }

    /// Whether `p` holds for every element; it is asked no further once it did not.
    public inline fun all<Element>(v: &vector<Element>, p: |&Element|bool): bool {
        let holds = true;
        let i = 0;
        let len = length(v);
        while (i < len && holds) {
            holds = p(borrow(v, i));
            i = i + 1;
        };
        holds
    }

    /// (true, i) of the first element for which `p` holds, else (false, 0).
    public inline fun find<Element>(v: &vector<Element>, p: |&Element|bool): (bool, u64) {
        let found = false;
        let at = 0;
        let i = 0;
        let len = length(v);
        while (i < len && !found) {
            if (p(borrow(v, i))) {
                found = true;
                at = i;
            };
            i = i + 1;
        };
        (found, at)
    }
}
