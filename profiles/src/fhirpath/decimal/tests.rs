use super::Decimal;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn text_is_kept_as_written() {
    for text in ["0", "-0.5", "1.50", "0.00000001", "1234567890987654321.0", "-12"] {
        assert_eq!(decimal(text).to_string(), text);
    }
    assert_eq!(decimal("1.5E2").to_string(), "150");
    assert_eq!(decimal("1.5e-2").to_string(), "0.015");
    for text in [
        "", "-", ".5", "1.", "1..2", "1.a", "0x1", "1e", "1e999", "--1", "1 ",
    ] {
        assert!(Decimal::parse(text).is_none(), "{text}");
    }
}

#[test]
fn arithmetic_is_exact_or_says_that_it_is_not() {
    assert_eq!(decimal("1.8").minus(decimal("1.2")), Some(decimal("0.6")));
    assert_eq!(decimal("1.2").times(decimal("1.8")), Some(decimal("2.16")));
    assert_eq!(decimal("1").divided_by(decimal("2")), Some(decimal("0.5")));
    assert_eq!(decimal("1").divided_by(decimal("0.0")), None);
    assert_eq!(decimal("2.2").remainder(decimal("1.8")), Some(decimal("0.4")));
    assert_eq!(decimal("2.2").whole_quotient(decimal("1.8")), Some(1));
    assert_eq!(
        decimal("1.2").divided_by(decimal("1.8")).unwrap().rounded(2),
        decimal("0.67")
    );
    let huge = Decimal::new(i128::MAX, 0).unwrap();
    assert_eq!(huge.plus(decimal("1")), None);
    assert_eq!(huge.times(decimal("10")), None);
    assert!(huge > decimal("0.0000000000000000000000000001"));
}

#[test]
fn whole_parts_and_rounding() {
    assert_eq!(decimal("-2.1").floor(), -3);
    assert_eq!(decimal("-1.1").ceiling(), -1);
    assert_eq!(decimal("1.1").ceiling(), 2);
    assert_eq!(decimal("2").ceiling(), 2);
    assert_eq!(decimal("-1.56").truncated(), -1);
    assert_eq!(decimal("3.14159").rounded(3), decimal("3.142"));
    assert_eq!(decimal("-0.5").rounded(0), decimal("-1"));
    assert_eq!(decimal("0.05").rounded(1), decimal("0.1"));
}

#[test]
fn equivalence_looks_at_the_lesser_precision() {
    assert!(decimal("0.6666667").equivalent(decimal("0.67")));
    assert!(decimal("1.10").equivalent(decimal("1.1")));
    assert!(!decimal("1.1").equivalent(decimal("1.2")));
}

#[test]
fn roots_powers_and_logarithms() {
    assert_eq!(decimal("81").square_root(), Some(decimal("9")));
    assert_eq!(decimal("2").square_root(), Some(decimal("1.41421356")));
    assert_eq!(decimal("0.0625").square_root(), Some(decimal("0.25")));
    assert_eq!(decimal("-1").square_root(), None);
    assert_eq!(decimal("2.5").power(decimal("2")), Some(decimal("6.25")));
    assert_eq!(decimal("2").power(decimal("-2")), Some(decimal("0.25")));
    assert_eq!(decimal("-1").power(decimal("0.5")), None);
    assert_eq!(decimal("2").power(decimal("0.5")), Some(decimal("1.41421356")));
    assert_eq!(decimal("1").exponential(), Some(decimal("2.71828183")));
    assert_eq!(decimal("-1").exponential(), Some(decimal("0.36787944")));
    assert_eq!(decimal("1").natural_logarithm(), Some(decimal("0")));
    assert_eq!(decimal("10").natural_logarithm(), Some(decimal("2.30258509")));
    assert_eq!(decimal("0.001").natural_logarithm(), Some(decimal("-6.90775528")));
    assert_eq!(decimal("0").natural_logarithm(), None);
    assert_eq!(decimal("16").logarithm(decimal("2")), Some(decimal("4")));
    assert_eq!(decimal("100.0").logarithm(decimal("10.0")), Some(decimal("2")));
    assert_eq!(decimal("5").logarithm(decimal("1")), None);
}

proptest! {
    #[test]
    fn no_operation_panics_and_order_agrees_with_difference(
        a in any::<i128>(), b in any::<i128>(), x in 0_u8..32, y in 0_u8..32
    ) {
        let (left, right) = (Decimal::new(a, x).unwrap(), Decimal::new(b, y).unwrap());
        if let Some(difference) = left.minus(right) {
            prop_assert_eq!(left < right, difference.is_negative());
        }
        let _ = (left.times(right), left.divided_by(right), left.remainder(right), left.power(right));
        let _ = (left.square_root(), left.exponential(), left.logarithm(right), left.rounded(y), left.cut_to(y));
        let _ = (left.floor(), left.ceiling(), left.equivalent(right), left.negated(), left.magnitude());
        prop_assert_eq!(Decimal::parse(&left.to_string()), Some(left));
    }
}
