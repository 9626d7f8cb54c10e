//! Text for the terminal's clipboard, as OSC 52. Whether it arrives is the terminal's business: nobody answers, so nobody says "copied".

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

/// The bytes that hand `text` to the terminal. Inside tmux (`tmux` set) they are sent twice: once for tmux itself, once wrapped so that
/// they reach the terminal around it, where `allow-passthrough` lets them.
pub fn sequence(text: &str, tmux: bool) -> String {
    let mut plain = String::new();
    if CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain).is_err() {
        return String::new();
    }
    if !tmux {
        return plain;
    }
    let wrapped = plain.replace('\x1b', "\x1b\x1b");
    format!("{plain}\x1bPtmux;{wrapped}\x1b\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_sent_in_base64() {
        assert_eq!(sequence("web", false), "\x1b]52;c;d2Vi\x1b\\");
    }

    #[test]
    fn tmux_gets_it_wrapped_too() {
        assert!(sequence("web", true).contains("\x1bPtmux;\x1b\x1b]52;c;d2Vi"));
    }
}
