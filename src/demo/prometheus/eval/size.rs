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
        return Err(format!("brackets and operators more than {MOST} deep are too many here; ask in parts"));
    }
    parse(query)
}

/// How deep brackets and operators outside of texts and comments can nest: those of one level may stand one below the other, those of a
/// bracket that was closed may not.
fn depth_bound(query: &str) -> usize {
    let (mut levels, mut deepest, mut word) = (vec![0_usize], 0, String::new());
    let mut rest = query.chars();
    loop {
        let next = rest.next();
        if let Some(c) = next.filter(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
            word.push(c);
            continue;
        }
        let mut here = usize::from(is_operator(&word));
        word.clear();
        match next {
            Some(quote @ ('"' | '\'' | '`')) => skip_text(&mut rest, quote),
            Some('#') => while rest.next().is_some_and(|c| c != '\n') {},
            Some('+' | '-' | '*' | '/' | '%' | '^' | '=' | '!' | '<' | '>' | '@') => here += 1,
            // What is put behind an expression has it below itself.
            Some('[') => here += 1,
            _ => {}
        }
        if let Some(level) = levels.last_mut() {
            *level += here;
        }
        match next {
            Some('(' | '[' | '{') => levels.push(1),
            Some(')' | ']' | '}') if levels.len() > 1 => drop(levels.pop()),
            _ => {}
        }
        deepest = deepest.max(levels.iter().sum());
        if next.is_none() {
            return deepest;
        }
    }
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
        assert_eq!(depth_bound(r#"sum(rate(a{b=~"((((",c='\'((',d=`\`}[5m])) # it's ((("#), 6);
        assert_eq!(depth_bound("a and b OR c unless d"), 3);
        assert_eq!(depth_bound("a # '\n+ (b)"), 2);
        assert_eq!(depth_bound("android_orders"), 0);
    }

    #[test]
    fn side_by_side_is_not_one_below_the_other() {
        let parts = vec!["label_replace(count(a{b=\"c\"}), \"d\", \"1\", \"\", \"\")"; 40].join(" or ");
        assert!(depth_bound(&parts) < 50);
        assert!(depth_bound(&"(".repeat(300)) >= 300 && depth_bound(&"[1m:]".repeat(300)) >= 300 && depth_bound(&"-".repeat(300)) >= 300);
    }
}
