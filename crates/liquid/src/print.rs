//! From tree back to source, in one canonical form: what it prints reads as the same tree.

use std::fmt::Write;

use crate::syntax::{
    Arm, Block, Bound, Condition, Expr, Join, Kind, Loop, Node, Offset, Partial, Path, Pipe, Root, Segment,
    Test,
};

/// Prints a template.
pub(crate) fn block(nodes: &Block<'_>) -> String {
    let mut out = String::new();
    write_block(nodes, &mut out);
    out
}

/// Prints a path.
pub(crate) fn path(path: &Path<'_>) -> String {
    let mut out = String::new();
    write_path(path, &mut out);
    out
}

/// Prints values with commas between them.
pub(crate) fn list(values: &[Expr<'_>]) -> String {
    let mut out = String::new();
    write_list(values, &mut out);
    out
}

fn write_block(nodes: &Block<'_>, out: &mut String) {
    for node in nodes {
        write_node(node, out);
    }
}

fn write_node(node: &Node<'_>, out: &mut String) {
    match &node.kind {
        Kind::Text(text) => write_text(text, out),
        Kind::Output(pipe) => write_output(pipe, out),
        Kind::Assign { name, pipe } => tag(out, &format!("assign {name} = "), |out| write_pipe(pipe, out)),
        Kind::Capture { name, body } => {
            let quote =
                if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') { "" } else { "'" };
            enclose(out, "capture", &format!("{quote}{name}{quote}"), body);
        }
        Kind::Increment { name } => plain(out, &format!("increment {name}")),
        Kind::Decrement { name } => plain(out, &format!("decrement {name}")),
        Kind::If { branches, otherwise, unless } => write_if(branches, otherwise.as_ref(), *unless, out),
        Kind::Case { subject, arms } => write_case(subject, arms, out),
        Kind::For(each) => write_loop(each, "for", out),
        Kind::Tablerow(each) => write_loop(each, "tablerow", out),
        Kind::Break => plain(out, "break"),
        Kind::Continue => plain(out, "continue"),
        Kind::Cycle { group, values } => write_cycle(group.as_ref(), values, out),
        Kind::Ifchanged { body } => enclose(out, "ifchanged", "", body),
        Kind::Include(partial) => write_partial(partial, "include", out),
        Kind::Render(partial) => write_partial(partial, "render", out),
        Kind::Abort { reason } => tag(out, "abort_message", |out| {
            if let Some(reason) = reason {
                out.push('(');
                write_pipe(reason, out);
                out.push(')');
            }
        }),
        Kind::CatalogItems { catalogue, keys } => {
            tag(out, &format!("catalog_items {} ", quoted(catalogue)), |out| write_list(keys, out));
        }
        Kind::Group(block) => write_block(block, out),
    }
}

fn write_tag(out: &mut String, open: &str, close: &str, inside: impl FnOnce(&mut String)) {
    out.push_str(open);
    inside(out);
    out.push_str(close);
}

fn tag(out: &mut String, head: &str, rest: impl FnOnce(&mut String)) {
    write_tag(out, "{% ", " %}", |out| {
        out.push_str(head);
        rest(out);
    });
}

/// A text within an `echo` may hold what would end an output.
fn write_output(pipe: &Pipe<'_>, out: &mut String) {
    let mut inside = String::new();
    write_pipe(pipe, &mut inside);
    let (open, close) = if inside.contains("}}") { ("{% echo ", " %}") } else { ("{{ ", " }}") };
    write_tag(out, open, close, |out| out.push_str(&inside));
}

fn plain(out: &mut String, head: &str) {
    tag(out, head, |_| {});
}

fn enclose(out: &mut String, name: &str, markup: &str, body: &Block<'_>) {
    let space = if markup.is_empty() { "" } else { " " };
    plain(out, &format!("{name}{space}{markup}"));
    write_block(body, out);
    plain(out, &format!("end{name}"));
}

/// Text that could be taken for a tag is put into `raw`.
fn write_text(text: &str, out: &mut String) {
    if text.contains("{{") || text.contains("{%") || text.ends_with('{') {
        out.push_str("{% raw %}");
        out.push_str(text);
        out.push_str("{% endraw %}");
    } else {
        out.push_str(text);
    }
}

fn write_if(
    branches: &[(Condition<'_>, Block<'_>)],
    otherwise: Option<&Block<'_>>,
    unless: bool,
    out: &mut String,
) {
    let name = if unless { "unless" } else { "if" };
    for (number, (condition, body)) in branches.iter().enumerate() {
        let head = if number == 0 { name } else { "elsif" };
        tag(out, &format!("{head} "), |out| write_condition(condition, out));
        write_block(body, out);
    }
    write_else(otherwise, out);
    plain(out, &format!("end{name}"));
}

fn write_else(otherwise: Option<&Block<'_>>, out: &mut String) {
    if let Some(otherwise) = otherwise {
        plain(out, "else");
        write_block(otherwise, out);
    }
}

fn write_case(subject: &Expr<'_>, arms: &[Arm<'_>], out: &mut String) {
    tag(out, "case ", |out| write_expr(subject, out));
    for arm in arms {
        match &arm.values {
            Some(values) => tag(out, "when ", |out| write_list(values, out)),
            None => plain(out, "else"),
        }
        write_block(&arm.body, out);
    }
    plain(out, "endcase");
}

fn write_loop(each: &Loop<'_>, name: &str, out: &mut String) {
    tag(out, &format!("{name} {} in ", each.variable), |out| {
        out.push_str(each.collection_text);
        if each.reversed {
            out.push_str(" reversed");
        }
        let mut argument = |name: &str, value: Option<&Expr<'_>>| {
            if let Some(value) = value {
                let _ = write!(out, " {name}: ");
                write_expr(value, out);
            }
        };
        argument("limit", each.limit.as_ref());
        argument("cols", each.cols.as_ref());
        match &each.offset {
            Some(Offset::Continue) => out.push_str(" offset: continue"),
            Some(Offset::At(value)) => argument("offset", Some(value)),
            None => {}
        }
    });
    write_block(&each.body, out);
    write_else(each.otherwise.as_ref(), out);
    plain(out, &format!("end{name}"));
}

fn write_cycle(group: Option<&Expr<'_>>, values: &[Expr<'_>], out: &mut String) {
    tag(out, "cycle ", |out| {
        if let Some(group) = group {
            write_expr(group, out);
            out.push_str(": ");
        }
        write_list(values, out);
    });
}

fn write_partial(partial: &Partial<'_>, name: &str, out: &mut String) {
    tag(out, &format!("{name} "), |out| {
        write_expr(&partial.name, out);
        if let Some(Bound { value, each, alias }) = &partial.bound {
            out.push_str(if *each { " for " } else { " with " });
            write_expr(value, out);
            if let Some(alias) = alias {
                let _ = write!(out, " as {alias}");
            }
        }
        for (name, value) in &partial.arguments {
            let _ = write!(out, ", {name}: ");
            write_expr(value, out);
        }
    });
}

fn write_pipe(pipe: &Pipe<'_>, out: &mut String) {
    write_expr(&pipe.value, out);
    for call in &pipe.calls {
        let _ = write!(out, " | {}", call.filter.name);
        let mut before = ": ";
        for argument in &call.arguments {
            out.push_str(std::mem::replace(&mut before, ", "));
            write_expr(argument, out);
        }
        for (name, value) in &call.named {
            out.push_str(std::mem::replace(&mut before, ", "));
            let _ = write!(out, "{name}: ");
            write_expr(value, out);
        }
    }
}

fn write_list(values: &[Expr<'_>], out: &mut String) {
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            out.push_str(", ");
        }
        write_expr(value, out);
    }
}

fn write_condition(condition: &Condition<'_>, out: &mut String) {
    write_test(&condition.first, out);
    for (join, test) in &condition.rest {
        out.push_str(match join {
            Join::And => " and ",
            Join::Or => " or ",
        });
        write_test(test, out);
    }
}

fn write_test(test: &Test<'_>, out: &mut String) {
    write_expr(&test.left, out);
    if let Some((comparison, right)) = &test.compared {
        let _ = write!(out, " {} ", comparison.written());
        write_expr(right, out);
    }
}

fn write_expr(expr: &Expr<'_>, out: &mut String) {
    match expr {
        Expr::Nil => out.push_str("nil"),
        Expr::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Expr::Int(number) => {
            let _ = write!(out, "{number}");
        }
        Expr::Float(number) => {
            // Never with an exponent, which the language cannot read.
            let written = format!("{number}");
            out.push_str(&written);
            if !written.contains('.') {
                out.push_str(".0");
            }
        }
        Expr::Text(text) => out.push_str(&quoted(text)),
        Expr::Empty => out.push_str("empty"),
        Expr::Blank => out.push_str("blank"),
        Expr::Range(range) => {
            out.push('(');
            write_expr(&range.0, out);
            out.push_str("..");
            write_expr(&range.1, out);
            out.push(')');
        }
        Expr::Path(path) => write_path(path, out),
    }
}

fn write_path(path: &Path<'_>, out: &mut String) {
    match &path.root {
        Root::Name(name) if is_plain(name) => out.push_str(name),
        Root::Name(name) => {
            let _ = write!(out, "[{}]", quoted(name));
        }
        Root::Bare(name) => {
            let _ = write!(out, "${{{name}}}");
        }
        Root::Computed(expr) => write_tag(out, "[", "]", |out| write_expr(expr, out)),
    }
    for segment in &path.segments {
        match segment {
            Segment::Name(name) if is_plain(name) => {
                let _ = write!(out, ".{name}");
            }
            Segment::Name(name) if quotable(name) => {
                let _ = write!(out, "[{}]", quoted(name));
            }
            Segment::Name(name) => {
                let _ = write!(out, ".${{{name}}}");
            }
            Segment::Index(expr) => write_tag(out, "[", "]", |out| write_expr(expr, out)),
        }
    }
}

/// Whether a name can stand after a point; words of the language cannot stand alone.
fn is_plain(name: &str) -> bool {
    let name = name.strip_suffix('?').unwrap_or(name);
    !matches!(name, "" | "nil" | "null" | "true" | "false" | "empty" | "blank")
        && !name.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-') || !letter.is_ascii())
}

/// A text cannot hold both kinds of quotes: the language has no escapes.
fn quotable(text: &str) -> bool {
    !(text.contains('\'') && text.contains('"'))
}

fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
