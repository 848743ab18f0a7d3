//! Numbers as filters see them: whatever the input, there is a number in it, if only 0.
//!
//! Sums of decimals are exact, as they are in Ruby's Liquid: `10.1 | plus: 2.2` is `12.3`.

use crate::value::Value;

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// The number in a value, and whether the value was one.
    pub(crate) fn of(value: Value<'_>) -> (Self, bool) {
        match value {
            Value::Int(number) => (Self::Int(number), true),
            Value::Float(number) => (Self::Float(number), true),
            Value::Text(text) | Value::Markup(text) => of_text(text),
            Value::Nil | Value::Missing(_) | Value::Empty | Value::Blank => (Self::Int(0), true),
            Value::Time(instant_ms) => (Self::Int(instant_ms.div_euclid(1_000)), true),
            Value::Bool(_) | Value::Range(..) | Value::Slice(_) | Value::List(_) | Value::Map(_) => {
                (Self::Int(0), false)
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers meet as floating point; exact up to 2^53")]
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    pub(crate) fn value<'a>(self) -> Value<'a> {
        match self {
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.float() == 0.0
    }
}

/// `-12.5` is a float; of everything else the whole number it begins with.
fn of_text(text: &str) -> (Number, bool) {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let decimal = digits.split_once('.').is_some_and(|(whole, fraction)| {
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        all_digits(whole) && all_digits(fraction)
    });
    if decimal {
        return (Number::Float(text.parse().unwrap_or(0.0)), true);
    }
    (Number::Int(leading(text)), text.parse::<i64>().is_ok())
}

/// The whole number that a text begins with, or 0.
fn leading(text: &str) -> i64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut number: i64 = 0;
    for byte in digits.bytes().take_while(u8::is_ascii_digit) {
        number = number.saturating_mul(10).saturating_add(i64::from(byte - b'0'));
    }
    number * sign
}

/// The whole number in a value: floats lose their fraction, texts give what they begin with.
pub(crate) fn leading_integer(value: Value<'_>) -> i64 {
    match value {
        Value::Int(number) => number,
        Value::Float(number) => truncate(number),
        Value::Text(text) | Value::Markup(text) => leading(text),
        Value::Nil
        | Value::Bool(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Slice(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Empty
        | Value::Blank
        | Value::Missing(_) => 0,
    }
}

/// The whole number that a value is, or nothing.
pub(crate) fn strict_integer(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(number),
        Value::Text(text) | Value::Markup(text) => text.trim().parse().ok(),
        Value::Nil
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Range(..)
        | Value::Slice(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Empty
        | Value::Blank
        | Value::Missing(_) => None,
    }
}

/// A float without its fraction; the nearest whole number there is when it is too large.
#[expect(clippy::cast_possible_truncation, reason = "the cast stops at the ends and turns NaN into 0")]
pub(crate) fn truncate(number: f64) -> i64 {
    number as i64
}

/// A whole number below 10^15 as a float.
#[expect(clippy::cast_precision_loss, reason = "below 2^53 every whole number is a float")]
fn exact(number: i64) -> f64 {
    number as f64
}

/// What one digit behind the point is worth, for the few that most numbers have.
const UNITS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];

/// A float that stands for a decimal with few digits behind the point, and that decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) mantissa: i64,
    /// Digits behind the point.
    pub(crate) scale: u32,
}

impl Short {
    /// The decimal, if the float stands for one: a quotient of two exact numbers is the float nearest to it, and 15
    /// digits tell floats apart.
    #[inline]
    pub(crate) fn of(number: f64) -> Option<Self> {
        for (scale, unit) in (0..).zip(UNITS) {
            let near = number * unit;
            if near.abs() >= 1e15 {
                return None;
            }
            let mantissa = nearest(near);
            // Two roundings lie between `near` and the mantissa. Further away there is no need to divide.
            let apart = (near - exact(mantissa)).abs();
            if apart <= near.abs() * f64::EPSILON * 2.0 && exact(mantissa) / unit == number {
                return Some(Self { mantissa, scale });
            }
        }
        None
    }

    /// `number` with so many digits behind the point, when it is plain which way it goes: not near a half.
    #[inline]
    pub(crate) fn rounded(number: f64, digits: i64) -> Option<f64> {
        let unit = *UNITS.get(usize::try_from(digits).ok()?)?;
        let near = number * unit;
        let mantissa = nearest(near);
        let apart = (near - exact(mantissa)).abs();
        // Below 10^11, what `near` lost in the product is far less than a thousandth.
        (near.abs() < 1e11 && apart < 0.499).then(|| exact(mantissa) / unit)
    }
}

/// The whole number nearest to a float below 10^15.
fn nearest(number: f64) -> i64 {
    truncate(number + 0.5_f64.copysign(number))
}

/// A decimal: `mantissa` × 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: i128,
    pub(crate) scale: u32,
}

/// Digits behind the point that a decimal can hold.
const SCALE_MAX: u32 = 18;

impl Decimal {
    /// The shortest decimal that stands for this number; none when it is too long.
    pub(crate) fn of(number: Number) -> Option<Self> {
        let number = match number {
            Number::Int(number) => return Some(Self { mantissa: i128::from(number), scale: 0 }),
            Number::Float(number) if number.is_finite() && number.abs() < 1e18 => number,
            Number::Float(_) => return None,
        };
        if let Some(Short { mantissa, scale }) = Short::of(number) {
            return Some(Self { mantissa: i128::from(mantissa), scale });
        }
        let written = number.to_string();
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        let scale = u32::try_from(fraction.len()).ok().filter(|scale| *scale <= SCALE_MAX)?;
        let mantissa = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { mantissa, scale })
    }

    /// Both with as many digits behind the point.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |decimal: Self| decimal.mantissa.checked_mul(10_i128.pow(scale - decimal.scale));
        Some((raise(self)?, raise(other)?, scale))
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self { mantissa: a.checked_add(b)?, scale })
    }

    pub(crate) fn subtract(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Self { mantissa: a.checked_sub(b)?, scale })
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self { mantissa, scale: self.scale + other.scale })
    }

    /// What is left of a division that rounds down.
    pub(crate) fn modulo(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        let rest = a.checked_rem(b)?;
        let mantissa = if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest };
        Some(Self { mantissa, scale })
    }

    /// With `digits` behind the point; halves go away from zero. Negative digits round to tens, hundreds …
    pub(crate) fn round(self, digits: i64) -> Self {
        let drop = i64::from(self.scale) - digits;
        if drop <= 0 {
            return self;
        }
        let scale = u32::try_from(digits.max(0)).unwrap_or(0);
        let Some(unit) = u32::try_from(drop).ok().and_then(|drop| 10_i128.checked_pow(drop)) else {
            return Self { mantissa: 0, scale };
        };
        let half = unit / 2;
        let away = if self.mantissa < 0 { self.mantissa - half } else { self.mantissa + half };
        let zeros = u32::try_from((-digits).max(0)).unwrap_or(0);
        let mantissa = (away / unit).saturating_mul(10_i128.checked_pow(zeros).unwrap_or(0));
        Self { mantissa, scale }
    }

    /// The nearest float.
    #[expect(
        clippy::cast_precision_loss,
        reason = "both numbers are exact, so that their quotient is the nearest float"
    )]
    pub(crate) fn float(self) -> f64 {
        match u64::try_from(self.mantissa.unsigned_abs()) {
            Ok(size) if size < 1 << 53 && self.scale <= SCALE_MAX => {
                let size = size as f64 / 10_u64.pow(self.scale) as f64;
                if self.mantissa < 0 { -size } else { size }
            }
            Ok(_) | Err(_) => format!("{}e-{}", self.mantissa, self.scale).parse().unwrap_or(f64::NAN),
        }
    }
}
