#[test_only]
module std::string_tests {
    use std::option;
    use std::string::{Self, utf8};

    #[test]
    fun text_is_bytes_of_utf8() {
        let s = utf8(b"abc");
        assert!(string::length(&s) == 3 && !string::is_empty(&s) && *string::bytes(&s) == b"abc", 1);
        assert!(string::is_empty(&utf8(b"")), 2);
        // e with an acute accent is c3 a9
        assert!(string::length(&utf8(x"c3a9")) == 2, 3);
        assert!(option::is_some(&string::try_utf8(x"c3a9")) && option::is_none(&string::try_utf8(x"c3")), 4);
    }

    #[test]
    #[expected_failure(abort_code = 1, location = std::string)]
    fun other_bytes_are_no_text() { utf8(x"ff"); }

    #[test]
    fun text_grows() {
        let s = utf8(b"ab");
        string::append(&mut s, utf8(b"cd"));
        string::append_utf8(&mut s, b"ef");
        assert!(s == utf8(b"abcdef"), 1);
        string::insert(&mut s, 0, utf8(b"<"));
        string::insert(&mut s, 7, utf8(b">"));
        string::insert(&mut s, 4, utf8(b"|"));
        assert!(s == utf8(b"<abc|def>"), 2);
    }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun inserting_beyond_the_end_aborts() { string::insert(&mut utf8(b"ab"), 3, utf8(b"c")); }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun inserting_inside_a_character_aborts() { string::insert(&mut utf8(x"c3a9"), 1, utf8(b"c")); }

    #[test]
    fun parts_of_text() {
        let s = utf8(x"61c3a962");
        assert!(string::sub_string(&s, 0, 1) == utf8(b"a"), 1);
        assert!(string::sub_string(&s, 1, 3) == utf8(x"c3a9"), 2);
        assert!(string::sub_string(&s, 4, 4) == utf8(b""), 3);
    }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun a_part_beyond_the_end_aborts() { string::sub_string(&utf8(b"ab"), 0, 3); }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun a_part_that_ends_before_it_begins_aborts() { string::sub_string(&utf8(b"ab"), 2, 1); }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun a_part_that_begins_inside_a_character_aborts() { string::sub_string(&utf8(x"c3a9"), 1, 2); }

    #[test]
    #[expected_failure(abort_code = 2, location = std::string)]
    fun a_part_that_ends_inside_a_character_aborts() { string::sub_string(&utf8(x"c3a9"), 0, 1); }

    #[test]
    fun searching_text() {
        let s = utf8(b"abcabc");
        assert!(string::index_of(&s, &utf8(b"bc")) == 1, 1);
        assert!(string::index_of(&s, &utf8(b"abcabc")) == 0, 2);
        // the first execution stack's answer for an absent text
        assert!(string::index_of(&utf8(b"abc"), &utf8(b"z")) == 0, 3);
    }
}
