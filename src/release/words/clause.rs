//! One sentence at several lengths, and as many of them on a line as it has room for.
//! Refuses to let a lesser sentence take the room of one that did not fit, and to cut a word.

/// One sentence, and how it is said where there is less room. Without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// In full.
    pub long: String,
    /// In fewer words, the longest first.
    pub between: Vec<String>,
    /// In few words.
    pub short: String,
}

impl From<(String, String)> for Clause {
    fn from((long, short): (String, String)) -> Self {
        Self { long, between: Vec::new(), short }
    }
}

impl Clause {
    /// Out of its forms, the fullest first.
    #[must_use]
    pub(super) fn of(mut forms: Vec<String>) -> Self {
        let short = forms.pop().unwrap_or_default();
        let long = if forms.is_empty() { short.clone() } else { forms.remove(0) };
        Self { long, between: forms, short }
    }

    /// All of its forms, the fullest first.
    pub(super) fn forms(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.long).chain(&self.between).chain(std::iter::once(&self.short))
    }

    /// Two sentences in one: the first gives way last, for it says what was counted.
    #[must_use]
    pub(super) fn followed_by(&self, other: &Clause) -> Self {
        let pairs = self.forms().flat_map(|first| other.forms().map(move |then| format!("{first}. {}", super::names::capital(then))));
        Self::of(pairs.collect())
    }

    /// With words before it: `PASS: …`.
    #[must_use]
    pub(super) fn after(&self, words: &str) -> Self {
        Self::of(self.forms().map(|form| format!("{words}: {form}")).collect())
    }
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

/// So much of a sentence is worth beginning where it can't be ended.
const WORTH_BEGINNING: usize = 28;

/// As many sentences as fit, the first in the fullest form that does.
pub(super) fn line(clauses: &[Clause], room: usize) -> String {
    let Some((head, rest)) = clauses.split_first() else { return String::new() };
    let form = head.forms().find(|form| letters(form) < room).unwrap_or(&head.short);
    go_on(format!("{form}."), rest, room)
}

/// The same, and the second sentence whole rather than the first one in full.
pub(super) fn line_of_two(clauses: &[Clause], room: usize) -> String {
    let [head, second, rest @ ..] = clauses else { return line(clauses, room) };
    let both = head.forms().flat_map(|first| second.forms().map(move |then| format!("{first}. {then}.")));
    match both.into_iter().find(|said| letters(said) <= room) {
        Some(said) => go_on(said, rest, room),
        None => line(clauses, room),
    }
}

fn go_on(mut said: String, rest: &[Clause], room: usize) -> String {
    for clause in rest {
        let longer = clause.forms().map(|form| format!("{said} {form}.")).find(|text| letters(text) <= room);
        let Some(longer) = longer else {
            // What is said stays in order of weight: nothing lesser takes the room of what did not fit.
            let left = room.saturating_sub(letters(&said) + 1);
            return if left >= WORTH_BEGINNING { format!("{said} {}", begun(&clause.long, left)) } else { said };
        };
        said = longer;
    }
    said
}

/// The whole words of a sentence that fit, and a sign that it goes on.
fn begun(sentence: &str, room: usize) -> String {
    let mut out = String::new();
    for word in sentence.split(' ') {
        if letters(&out) + letters(word) + 2 > room {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    format!("{}…", out.trim_end_matches([',', ':', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(forms: &[&str]) -> Clause {
        Clause::of(forms.iter().map(|form| (*form).to_owned()).collect())
    }

    #[test]
    fn the_fullest_form_that_fits_is_said() {
        let head = clause(&["in a great many words", "in fewer words", "few"]);
        assert_eq!(
            [22, 21, 15, 14, 1].map(|room| line(std::slice::from_ref(&head), room)),
            ["in a great many words.", "in fewer words.", "in fewer words.", "few.", "few."]
        );
        assert_eq!(line(&[clause(&["one"]), clause(&["two and a half", "two"])], 9), "one. two.");
    }

    #[test]
    fn what_comes_keeps_its_second_sentence_and_what_is_true_its_first() {
        let both = [clause(&["Burning 2.3x: empty in 2 d 10 h", "Burning 2.3x"]), clause(&["Goes on in 6 h 50 m: 50 % → 100 %"])];
        assert_eq!(line_of_two(&both, 66), "Burning 2.3x. Goes on in 6 h 50 m: 50 % → 100 %.");
        assert_eq!(line(&both, 66), "Burning 2.3x: empty in 2 d 10 h. Goes on in 6 h 50 m: 50 % → 100…");
        assert_eq!(line_of_two(&both, 40), "Burning 2.3x: empty in 2 d 10 h.");
    }
}
