//! Resolves plain scalars by YAML 1.1 as kubectl's parser does: `on` is a boolean, `0777` is octal, `08` is the number 8.

use std::borrow::Cow;

use super::node::Value;

/// The value of a scalar without quotes and without a tag.
pub(super) fn plain(text: Cow<'_, str>) -> Value<'_> {
    let is_candidate = |first: u8| matches!(first, b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~');
    match text.as_bytes().first() {
        None => Value::Null,
        Some(first) if is_candidate(*first) => word(&text).unwrap_or(Value::Text(text)),
        Some(b'.' | b'+' | b'-' | b'0'..=b'9') => number(&text).unwrap_or(Value::Text(text)),
        Some(_) => Value::Text(text),
    }
}

/// The value of a scalar with a tag of YAML's own schema, by its suffix; `None` if the text does not match the tag.
pub(super) fn tagged<'t>(suffix: &str, text: Cow<'t, str>) -> Option<Value<'t>> {
    let value = match suffix {
        "bool" | "int" | "float" | "null" => plain(text),
        _ => return Some(Value::Text(text)),
    };
    let is_valid = matches!(
        (suffix, &value),
        ("bool", Value::Bool(_)) | ("null", Value::Null) | ("int" | "float", Value::Int(_) | Value::Uint(_)) | ("float", Value::Float(_))
    );
    is_valid.then_some(value)
}

/// A key of a mapping as JSON has it: numbers and booleans become text, in kubectl's spelling. `None` if it cannot be a key.
pub(super) fn key(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bool(true) => Some("true".into()),
        Value::Bool(false) => Some("false".into()),
        Value::Int(number) => Some(number.to_string().into()),
        Value::Float(number) => Some(float_key(number).into()),
        Value::Null | Value::Uint(_) | Value::List(_) | Value::Map(_) | Value::Shared(_) => None,
    }
}

fn word(text: &str) -> Option<Value<'static>> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Value::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(Value::Bool(false)),
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value<'static>> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Value::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Value::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if text.starts_with('.') && !separates_digits(text) {
        return None;
    }
    let plain: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    integer(&plain).or_else(|| is_float(&plain).then(|| float(&plain)).flatten())
}

/// Whether each underscore is between two digits.
fn separates_digits(text: &str) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    text.match_indices('_').all(|(at, _)| is_digit(at.checked_sub(1).and_then(|before| bytes.get(before))) && is_digit(bytes.get(at + 1)))
}

/// An integer with an optional sign and the prefix `0x`, `0o`, `0b` or, for octal, `0`.
fn integer(text: &str) -> Option<Value<'static>> {
    let (is_negative, is_signed, digits) = match text.as_bytes() {
        [b'-', ..] => (true, true, &text[1..]),
        [b'+', ..] => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // `from_str_radix` accepts another sign.
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    match (is_negative, i64::try_from(size)) {
        (false, Ok(number)) => Some(Value::Int(number)),
        (true, Ok(number)) => Some(Value::Int(-number)),
        (true, Err(_)) => (size == i64::MIN.unsigned_abs()).then_some(Value::Int(i64::MIN)),
        (false, Err(_)) => (!is_signed).then_some(Value::Uint(size)),
    }
}

/// Whether a text has the form of a decimal number: digits, a fraction, an exponent.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let is_digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => !mantissa.is_empty() && is_digits(mantissa),
    };
    let is_exponent = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && is_digits(digits)
    };
    is_mantissa && exponent.is_none_or(is_exponent)
}

/// A number with a fraction or an exponent; `None` if it is too large.
fn float(text: &str) -> Option<Value<'static>> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float)
}

/// A value as JSON has it: a whole number is an integer however it is written. `None` for infinity and for what is not a number.
#[allow(clippy::cast_possible_truncation, reason = "the bounds are those of i64")]
pub(super) fn json(value: Value<'_>) -> Option<Value<'_>> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Float(number) if !number.is_finite() => None,
        Value::Float(number) if number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number) => Some(Value::Int(number as i64)),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Shared(_) => Some(value),
    }
}

/// The shortest decimal digits of a 32-bit float, with an exponent below 1e-4 and from 1e6: Go's format `g`.
#[allow(clippy::cast_possible_truncation, reason = "kubectl's parser rounds keys to 32 bits")]
fn float_key(number: f64) -> String {
    if number.is_nan() {
        return ".nan".into();
    }
    let narrow = number as f32;
    if narrow.is_infinite() {
        return if narrow > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let scientific = format!("{narrow:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{narrow}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
