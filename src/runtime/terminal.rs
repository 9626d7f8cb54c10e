//! The terminal, taken and given back: on leaving, on a signal, on a panic. One buffered, synchronized write a frame, on a thread of its
//! own, so that a slow terminal delays frames and nothing else.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;

/// Whether the terminal is ours now; what the panic hook and the guard look at.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Collects a frame's bytes; nothing reaches the terminal before the frame is whole.
#[derive(Clone, Default)]
struct Pending(Arc<Mutex<Vec<u8>>>);

impl Pending {
    fn take(&self) -> Vec<u8> {
        self.0.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().map_err(|_| io::Error::other("the frame is poisoned"))?.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen: draws frames, restores the terminal when dropped.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Pending>>,
    pending: Pending,
    frames: SyncSender<Vec<u8>>,
    busy: Arc<AtomicBool>,
    mouse: bool,
    last: Buffer,
}

impl Screen {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, and the mouse where asked for.
    /// `written` is called (on another thread) after each frame that has reached the terminal, or could not.
    ///
    /// # Errors
    /// When standard output is no terminal or can't be set up.
    pub fn take(mouse: bool, written: impl Fn(io::Result<()>) + Send + 'static) -> io::Result<Self> {
        restore_on_panic();
        enter(mouse)?;
        let pending = Pending::default();
        let terminal = Terminal::new(CrosstermBackend::new(pending.clone()))?;
        let (frames, received) = sync_channel::<Vec<u8>>(1);
        let busy = Arc::new(AtomicBool::new(false));
        let done = busy.clone();
        std::thread::Builder::new().name("frames".into()).spawn(move || {
            for bytes in received {
                let mut out = io::stdout().lock();
                let result = out.write_all(&bytes).and_then(|()| out.flush());
                drop(out);
                done.store(false, Ordering::Release);
                written(result);
            }
        })?;
        Ok(Self { terminal, pending, frames, busy, mouse, last: Buffer::default() })
    }

    /// Whether the frame before this one is still on its way to the terminal.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    /// Draws one frame. What the terminal already shows is not sent again.
    ///
    /// # Errors
    /// When the terminal's size can't be read.
    pub fn draw(&mut self, paint: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        queue!(self.pending, BeginSynchronizedUpdate)?;
        let done = self.terminal.draw(paint)?;
        self.last = done.buffer.clone();
        queue!(self.pending, EndSynchronizedUpdate)?;
        self.send(self.pending.take());
        Ok(())
    }

    /// Sends bytes that are no frame, such as a clipboard sequence.
    pub fn send(&self, bytes: Vec<u8>) {
        self.busy.store(true, Ordering::Release);
        let _ = self.frames.send(bytes);
    }

    /// Forgets what the terminal shows, so that the next frame is drawn whole. Asks the terminal nothing: over a slow link the answer
    /// (ratatui's own `clear` wants the cursor's place) could take seconds, or never come.
    ///
    /// # Errors
    /// When the terminal's size can't be read.
    pub fn redraw(&mut self) -> io::Result<()> {
        queue!(self.pending, terminal::Clear(terminal::ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(self.pending.clone()))?;
        Ok(())
    }

    /// Gives the terminal back, stops the process until it is continued, and takes the terminal again.
    ///
    /// # Errors
    /// When the terminal can't be set up again.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.wait();
        leave()?;
        super::signals::stop_self();
        enter(self.mouse)?;
        self.redraw()
    }

    /// Takes the terminal again after the process was stopped from outside.
    ///
    /// # Errors
    /// When the terminal can't be set up again.
    pub fn resume(&mut self) -> io::Result<()> {
        enter(self.mouse)?;
        self.redraw()
    }

    /// Gives the terminal back and leaves the last frame in the scrollback.
    pub fn give_back(mut self) {
        self.wait();
        let _ = leave();
        let last = std::mem::take(&mut self.last);
        let mut out = io::stdout().lock();
        let _ = out.write_all(super::picture::ansi(&last).as_bytes()).and_then(|()| out.flush());
    }

    /// Waits (at most a second) until the frame under way has been written.
    fn wait(&self) {
        for _ in 0..100 {
            if !self.is_busy() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = leave();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::Release);
    let mut out = io::stdout().lock();
    execute!(out, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste)?;
    if mouse {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

fn leave() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    let screen = execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    terminal::disable_raw_mode().and(screen)
}

/// Puts the terminal's restoration in front of whatever reports panics.
fn restore_on_panic() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let _ = leave();
            report(info);
        }));
    });
}
