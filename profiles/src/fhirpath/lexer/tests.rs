use super::{Lexer, Token};
use proptest::prelude::*;

fn tokens(text: &str) -> Result<Vec<Token<'_>>, crate::fhirpath::CompileError> {
    let mut lexer = Lexer::new(text);
    let mut found = Vec::new();
    loop {
        match lexer.token()?.1 {
            Token::End => return Ok(found),
            token => found.push(token),
        }
    }
}

#[test]
fn a_point_belongs_to_a_number_only_before_a_digit() {
    let found = tokens("1.5.abs() + 2.x").unwrap();
    assert_eq!(found[0], Token::Number("1.5"));
    assert_eq!(found[1], Token::Symbol("."));
    assert!(found.contains(&Token::Number("2")));
}

#[test]
fn comments_and_escapes() {
    assert_eq!(
        tokens("/* a */ 'a\\'\\u0062\\n' // end").unwrap(),
        [Token::Text("a'b\n".into())]
    );
    assert_eq!(tokens("'\\\\.\\.'").unwrap(), [Token::Text("\\.\\.".into())]);
    assert_eq!(tokens("`a b`").unwrap(), [Token::Name("a b".into())]);
    for text in [
        "'open",
        "`open",
        "/* open",
        "'\\u00g1'",
        "'\\",
        "$that",
        "@T",
        "@20",
        "#",
        "€",
    ] {
        assert!(tokens(text).is_err(), "{text}");
    }
}

#[test]
fn a_zone_is_no_part_of_a_time() {
    assert_eq!(tokens("@T14:34:28Z").unwrap().len(), 2);
    assert!(tokens("@T14:34:28+10:00").is_err());
    assert_eq!(tokens("@2015-02-04T14:34:28+10:00").unwrap().len(), 1);
    assert_eq!(tokens("@2015-02-04.is(Date)").unwrap().len(), 6);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}") {
        let _ = tokens(&text);
    }
}
