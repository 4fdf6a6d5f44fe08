//! The only printer: results on stdout, everything else on stderr.

use std::io::{self, BufRead as _, BufWriter, ErrorKind, IsTerminal as _, Write};
use std::sync::OnceLock;

use serde::Serialize;

use crate::ci::Environment;
use crate::diag::render::escape_json;
use crate::view::StyledText;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The properties of stdout, stderr and stdin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    /// Whether stdout shows colours.
    pub colour: bool,
    /// Whether stderr shows colours.
    pub colour_err: bool,
    /// Whether a person is there: questions and progress make sense.
    pub interactive: bool,
    /// The columns of stdout.
    pub width: usize,
    /// The columns of stderr.
    pub width_err: usize,
}

/// Writes JSON line by line, each made safe to print: what has to be seen at once to be judged is within a line.
struct Lines<W> {
    out: W,
    line: Vec<u8>,
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if bytes.last() == Some(&b'\n') {
            let line = std::mem::take(&mut self.line);
            self.out.write_all(escape_json(&String::from_utf8_lossy(&line)).as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The columns where there is no terminal: logs of CI systems, files.
const NO_TERMINAL: usize = 100;

/// The least and the most columns of lines.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=200;

fn width(size: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    // A terminal that does not know its size reports 0.
    let known = size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0);
    known.unwrap_or(NO_TERMINAL).clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// Why stdout is incomplete.
static LOST: OnceLock<ErrorKind> = OnceLock::new();

/// Records that stdout could not be written. A reader that closed the pipe (`| head`) has what it wanted.
pub(super) fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| error.kind());
    }
}

/// Why stdout is incomplete, if it is.
pub(super) fn lost() -> Option<ErrorKind> {
    LOST.get().copied()
}

impl Terminal {
    /// A terminal with unknown properties.
    #[must_use]
    pub(super) const fn plain() -> Self {
        Self { colour: false, colour_err: false, interactive: false, width: NO_TERMINAL, width_err: NO_TERMINAL }
    }

    /// Detects the properties of the streams and the environment.
    #[must_use]
    pub(super) fn detect(choice: ColorChoice, no_input: bool, environment: &Environment) -> Self {
        let plain = environment.has("NO_COLOR") || environment.get("TERM") == Some("dumb");
        let colour = |is_terminal: bool| match choice {
            ColorChoice::Auto => is_terminal && !plain,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            colour: colour(out),
            colour_err: colour(err),
            interactive: err && io::stdin().is_terminal() && !no_input,
            width: width(terminal_size::terminal_size_of(io::stdout())),
            width_err: width(terminal_size::terminal_size_of(io::stderr())),
        }
    }

    /// Prints a result, line by line.
    pub(super) fn page(&self, page: StyledText) {
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let mut lines = page.into_lines(self.colour, self.width);
        note(lines.try_for_each(|line| out.write_all(line.as_bytes())).and_then(|()| out.flush()));
    }

    /// Prints text of a result. A failure is reported at the end of the run, which goes on: an apply has more to do than to
    /// print.
    #[expect(clippy::unused_self, reason = "who prints has the terminal")]
    pub(super) fn out(&self, text: &str) {
        let mut out = io::stdout().lock();
        note(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }

    /// Prints JSON as it is made, line by line.
    #[expect(clippy::unused_self, reason = "who prints has the terminal")]
    pub(super) fn json(&self, document: &impl Serialize) {
        let mut out = Lines { out: BufWriter::with_capacity(1 << 16, io::stdout().lock()), line: vec![] };
        let written = serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from);
        note(written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()));
    }

    /// Prints text beside the result.
    #[expect(clippy::unused_self, reason = "who prints has the terminal")]
    pub(super) fn err(&self, text: &str) {
        let mut err = io::stderr().lock();
        drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
    }

    /// Asks; anything but `y` or `yes` means no. The answer is read on a thread of its own, so that the caller can stop
    /// waiting: the thread then ends with the process.
    pub(super) async fn confirm(&self, question: &str) -> bool {
        self.err(&format!("{question} [y/N] "));
        let (told, answer) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut answer = String::new();
            let read = io::stdin().lock().read_line(&mut answer);
            drop(told.send(read.map(|_| answer)));
        });
        let answer = answer.await.ok().and_then(Result::ok).unwrap_or_default();
        matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}
