//! Judges a theme by the two things that decide whether it can be read: contrast, and difference without colour.
//! Refuses to judge colours it cannot know: the sixteen are the terminal's own.

use super::colour::{contrast, rgb};
use super::read::Background;
use super::role::Role;
use super::sheet::Theme;

/// The least contrast at which small text counts as readable (WCAG 2, level AA).
const READABLE: f64 = 4.5;

/// What makes a theme hard to read, as clauses; nothing for a good one.
#[must_use]
pub fn lint(theme: &Theme) -> Vec<String> {
    let mut found: Vec<String> = Role::ALL.iter().filter_map(|role| pale(theme, *role)).collect();
    for group in Role::NEIGHBOURS {
        for (at, role) in group.iter().enumerate() {
            let alike = |other: &&Role| theme.ink(*role).add == theme.ink(**other).add && same_sign(*role, **other);
            found.extend(
                group[at + 1..].iter().filter(alike).map(|other| format!("{role} and {other} differ by colour alone, or not at all")),
            );
        }
    }
    found
}

/// Whether two roles are drawn with the same sign, in UTF-8 or in ASCII.
fn same_sign(a: Role, b: Role) -> bool {
    match (a.glyph(), b.glyph()) {
        (Some(a), Some(b)) => a.utf8() == b.utf8() || a.ascii() == b.ascii(),
        (None, None) => true,
        _ => false,
    }
}

fn pale(theme: &Theme, role: Role) -> Option<String> {
    let own = match theme.background() {
        Background::Dark => [0, 0, 0],
        Background::Light => [255, 255, 255],
    };
    let ink = theme.ink(role);
    let behind = ink.bg.map_or(Some(own), |shade| rgb(shade.full))?;
    let text = rgb(ink.fg?.full)?;
    let ratio = contrast(text, behind);
    (ratio < READABLE).then(|| format!("{role} has a contrast of {ratio:.1} to 1; small text needs {READABLE}"))
}

#[cfg(test)]
mod tests {
    use super::super::colour::linear;
    use super::super::depth::Depth;
    use super::super::sheet::{load, shelf};
    use super::*;
    use crate::config::Text;

    fn made(text: &str) -> Theme {
        let mut shelf = shelf();
        shelf.add(Text { name: "test".into(), file: "test.toml".into(), text: text.into() });
        let (theme, mistakes) = load(&shelf, "test", None, Depth::Rgb).expect("on the shelf");
        assert_eq!(mistakes, Vec::new());
        theme
    }

    #[test]
    fn a_pale_colour_is_found_against_the_background_it_is_made_for() {
        let enough = "[role]\ntext = \"#777777\"\n";
        assert_eq!(lint(&made(enough)), [""; 0]);
        let darker = "[role]\ntext = \"#666666\"\n";
        assert_eq!(lint(&made(darker)), ["text has a contrast of 3.7 to 1; small text needs 4.5"]);
        assert_eq!(lint(&made(&format!("background = \"light\"\n{darker}"))), [""; 0]);
    }

    #[test]
    fn a_difference_of_colour_alone_is_found() {
        let found = lint(&made("[role]\nkey = \"red\"\nhint = \"green\"\n"));
        assert_eq!(found, ["key and hint differ by colour alone, or not at all"]);
    }

    /// The colour an eye without one kind of cone sees (Machado, Oliveira and Fernandes 2009, severity 1.0), in linear light.
    fn seen(rgb: [u8; 3], matrix: [[f64; 3]; 3]) -> [f64; 3] {
        let light = linear(rgb);
        matrix.map(|row| (row[0] * light[0] + row[1] * light[1] + row[2] * light[2]).clamp(0.0, 1.0))
    }

    const DEUTERANOPIA: [[f64; 3]; 3] =
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];
    const TRITANOPIA: [[f64; 3]; 3] =
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]];

    /// How far apart two colours are to that eye, from 0 to 1.7, on the curve that is even to the eye.
    fn apart(a: [u8; 3], b: [u8; 3], matrix: [[f64; 3]; 3]) -> f64 {
        let (a, b) = (seen(a, matrix), seen(b, matrix));
        a.iter().zip(b).map(|(a, b)| (a.powf(1.0 / 2.2) - b.powf(1.0 / 2.2)).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn good_bad_and_waiting_stay_apart_for_the_eyes_a_theme_is_made_for() {
        for (name, matrix) in [("deuteranopia", DEUTERANOPIA), ("tritanopia", TRITANOPIA)] {
            let (theme, _) = load(&shelf(), name, None, Depth::Rgb).expect("shipped");
            let colour = |role| theme.ink(role).fg.and_then(|shade| rgb(shade.full)).expect("a known colour");
            for (a, b) in [
                (Role::VerdictPass, Role::VerdictFail),
                (Role::PodReady, Role::PodStarting),
                (Role::PodStarting, Role::PodFailing),
                (Role::VersionOld, Role::VersionNew),
            ] {
                let far = apart(colour(a), colour(b), matrix);
                assert!(far > 0.3, "{name}: {a} and {b} are {far:.2} apart");
            }
        }
        // The yardstick can tell: plain red and green of equal lightness run together for one of these eyes.
        assert!(apart([0xd0, 0x60, 0x30], [0x80, 0x90, 0x30], DEUTERANOPIA) < 0.2);
    }
}
