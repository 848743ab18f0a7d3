//! Arithmetic over columns, for derived values: `Quantity * UnitPrice`, `(Total - Tax) / 100`.
//!
//! Numbers, column names (letters, digits and `_`; any other name in double
//! quotes), `+ - * /`, a leading minus and brackets, with the usual precedence.
//! It is parsed once into a list of operations and then evaluated per row.

/// The most operations in one expression.
pub const OPERATIONS_MAX: usize = 256;

/// A text that is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an expression: expected {expected}. column=`{column}`, found=`{found}`")]
pub struct BadExpression {
    /// Where, from 1, in characters.
    pub column: usize,
    /// What should stand there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

/// An expression over the columns of a row, named by their index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression(Vec<Operation>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operation {
    Number(f64),
    Column(usize),
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Expression {
    /// Parses `text`; `column` finds the index of a column by its name.
    pub(crate) fn parse(text: &str, column: &dyn Fn(&str) -> Option<usize>) -> Result<Self, BadExpression> {
        let mut parser = Parser { text, position: 0, depth: 0, column, operations: Vec::new() };
        parser.sum()?;
        match parser.peek() {
            None => Ok(Self(parser.operations)),
            Some(_) => Err(parser.bad("an operator or the end")),
        }
    }

    /// The value for one row; `None` when a column has no number there or the result is not finite.
    pub(crate) fn evaluate(
        &self,
        stack: &mut Vec<f64>,
        number: impl Fn(usize) -> Option<f64>,
    ) -> Option<f64> {
        stack.clear();
        for operation in &self.0 {
            let value = match *operation {
                Operation::Number(value) => value,
                Operation::Column(index) => number(index)?,
                Operation::Negate => -stack.pop()?,
                Operation::Add => binary(stack, |a, b| a + b)?,
                Operation::Subtract => binary(stack, |a, b| a - b)?,
                Operation::Multiply => binary(stack, |a, b| a * b)?,
                Operation::Divide => binary(stack, |a, b| a / b)?,
            };
            stack.push(value);
        }
        stack.pop().filter(|value| value.is_finite())
    }
}

fn binary(stack: &mut Vec<f64>, apply: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let right = stack.pop()?;
    let left = stack.pop()?;
    Some(apply(left, right))
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    column: &'a dyn Fn(&str) -> Option<usize>,
    operations: Vec<Operation>,
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<(), BadExpression> {
        self.product()?;
        loop {
            let operation = match self.peek() {
                Some('+') => Operation::Add,
                Some('-') => Operation::Subtract,
                Some(_) | None => return Ok(()),
            };
            self.position += 1;
            self.product()?;
            self.push(operation)?;
        }
    }

    fn product(&mut self) -> Result<(), BadExpression> {
        self.factor()?;
        loop {
            let operation = match self.peek() {
                Some('*') => Operation::Multiply,
                Some('/') => Operation::Divide,
                Some(_) | None => return Ok(()),
            };
            self.position += 1;
            self.factor()?;
            self.push(operation)?;
        }
    }

    fn factor(&mut self) -> Result<(), BadExpression> {
        self.depth += 1;
        if self.depth > OPERATIONS_MAX {
            return Err(self.bad("a shorter expression"));
        }
        let outcome = match self.peek() {
            Some('-') => {
                self.position += 1;
                self.factor()?;
                self.push(Operation::Negate)
            }
            Some('(') => {
                self.position += 1;
                self.sum()?;
                self.expect(')')
            }
            Some('"') => self.quoted(),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if is_name(c) => self.name(),
            Some(_) | None => Err(self.bad("a number, a column name, `-` or `(`")),
        };
        self.depth -= 1;
        outcome
    }

    fn number(&mut self) -> Result<(), BadExpression> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(value) = rest[..end].parse() else {
            return Err(self.bad("a number like `12.5`"));
        };
        self.position += end;
        self.push(Operation::Number(value))
    }

    fn name(&mut self) -> Result<(), BadExpression> {
        let rest = self.rest();
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.named(&rest[..end], end)
    }

    fn quoted(&mut self) -> Result<(), BadExpression> {
        let rest = self.rest();
        match rest[1..].find('"') {
            Some(end) => self.named(&rest[1..=end], end + 2),
            None => Err(self.bad("a column name that ends with `\"`")),
        }
    }

    fn named(&mut self, name: &str, length: usize) -> Result<(), BadExpression> {
        let Some(index) = (self.column)(name) else {
            return Err(self.bad("the name of a column of the file"));
        };
        self.position += length;
        self.push(Operation::Column(index))
    }

    fn expect(&mut self, c: char) -> Result<(), BadExpression> {
        if self.peek() != Some(c) {
            return Err(self.bad("`)`"));
        }
        self.position += c.len_utf8();
        Ok(())
    }

    fn push(&mut self, operation: Operation) -> Result<(), BadExpression> {
        if self.operations.len() >= OPERATIONS_MAX {
            return Err(self.bad("a shorter expression"));
        }
        self.operations.push(operation);
        Ok(())
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn bad(&self, expected: &'static str) -> BadExpression {
        let found: String = self.rest().chars().take(24).collect();
        let found = if found.is_empty() { "the end".to_owned() } else { found };
        BadExpression { column: self.text[..self.position].chars().count() + 1, expected, found }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: [(&str, Option<f64>); 4] =
        [("Quantity", Some(6.0)), ("UnitPrice", Some(2.5)), ("税 率", Some(0.1)), ("none", None)];

    fn value(text: &str) -> Result<Option<f64>, String> {
        let find = |name: &str| COLUMNS.iter().position(|(column, _)| *column == name);
        let expression = Expression::parse(text, &find).map_err(|error| error.to_string())?;
        Ok(expression.evaluate(&mut Vec::new(), |index| COLUMNS[index].1))
    }

    #[test]
    fn products_bind_tighter_than_sums_and_brackets_tighter_than_both() {
        for (text, expected) in [
            ("Quantity * UnitPrice", 15.0),
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("10 - 4 - 3", 3.0),
            ("-Quantity / (2 - 4)", 3.0),
            ("UnitPrice*\"税 率\"", 0.25),
            (" --.5 ", 0.5),
        ] {
            assert_eq!(value(text), Ok(Some(expected)), "{text}");
        }
    }

    #[test]
    fn a_missing_number_or_a_division_by_zero_has_no_value() {
        assert_eq!(value("none + 1"), Ok(None));
        assert_eq!(value("1 / (Quantity - 6)"), Ok(None));
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        for (text, expected) in [
            ("", "expected a number, a column name, `-` or `(`. column=`1`, found=`the end`"),
            ("Quantity *", "expected a number, a column name, `-` or `(`. column=`11`, found=`the end`"),
            ("Quantity Price", "expected an operator or the end. column=`10`, found=`Price`"),
            ("(1 + 2", "expected `)`. column=`7`, found=`the end`"),
            ("Price * 2", "expected the name of a column of the file. column=`1`, found=`Price * 2`"),
            ("1.2.3", "expected a number like `12.5`. column=`1`, found=`1.2.3`"),
            ("\"税", "expected a column name that ends with `\"`. column=`1`, found=`\"税`"),
            ("税 * 2", "expected the name of a column of the file. column=`1`, found=`税 * 2`"),
        ] {
            assert_eq!(value(text), Err(format!("not an expression: {expected}")), "{text}");
        }
    }

    #[test]
    fn an_endless_expression_is_refused() {
        assert!(value(&"(".repeat(100_000)).is_err());
        assert!(value(&"-".repeat(100_000)).is_err());
        assert!(value(&"1+".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-+*/()\"a-zQ税 0-9.]{0,40}") {
            let _ = value(&text);
        }
    }
}
