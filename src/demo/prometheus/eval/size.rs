//! How deep an expression could nest, read off its text before anything parses it.
//! Counts too much rather than too little: the parser, the evaluator and the tree's own end walk it on the stack.

use promql_parser::parser::{Expr, parse};

/// More brackets and operators than any panel writes, and few enough for the stack of a worker.
const MOST: usize = 160;

/// The expression that `query` is.
///
/// # Errors
/// The parser's words, or that it could nest too deep.
pub fn parse_bounded(query: &str) -> Result<Expr, String> {
    if depth_bound(query) > MOST {
        return Err(format!("more than {MOST} operators and brackets are too many here; ask in parts"));
    }
    parse(query)
}

/// Brackets, operators and set words outside of texts and comments: the tree is at most this deep, but for a small constant.
fn depth_bound(query: &str) -> usize {
    let (mut found, mut word) = (0, String::new());
    let mut rest = query.chars();
    while let Some(c) = rest.next() {
        if c.is_alphanumeric() || matches!(c, '_' | ':') {
            word.push(c);
            continue;
        }
        found += usize::from(is_operator(&word));
        word.clear();
        match c {
            '"' | '\'' | '`' => skip_text(&mut rest, c),
            '#' => while rest.next().is_some_and(|c| c != '\n') {},
            '(' | '[' | '{' | '+' | '-' | '*' | '/' | '%' | '^' | '=' | '!' | '<' | '>' | '@' => found += 1,
            _ => {}
        }
    }
    found + usize::from(is_operator(&word))
}

fn is_operator(word: &str) -> bool {
    ["and", "or", "unless", "atan2", "offset"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

/// To behind the closing quote. Only backquoted text knows no escapes.
fn skip_text(rest: &mut std::str::Chars<'_>, quote: char) {
    while let Some(c) = rest.next() {
        if c == quote {
            return;
        }
        if c == '\\' && quote != '`' {
            rest.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_comments_do_not_count() {
        assert_eq!(depth_bound(r#"sum(rate(a{b=~"((((",c='\'((',d=`\`}[5m])) # it's ((("#), 7);
        assert_eq!(depth_bound("a and b OR c unless d"), 3);
        assert_eq!(depth_bound("a # '\n+ (b)"), 2);
        assert_eq!(depth_bound("android_orders"), 0);
    }
}
