//! Progress on stderr. Of reading many projects: a bar on a terminal, and nothing elsewhere. Of an apply: a spinner on a terminal;
//! elsewhere, a line for each long wait, so that CI never looks hung.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::Terminal;
use crate::apply::Event;
use crate::diag::render::escape;
use crate::diag::{Diagnostics, Sources};
use crate::session::Observer;

/// Up to how many projects are read without telling how far that is.
const FEW: usize = 3;

/// How often what moves is drawn.
const TICK: Duration = Duration::from_millis(120);

/// Shows on stderr what a session has to tell, and how many of many projects are read.
pub(super) struct Reading {
    terminal: Terminal,
    bar: Mutex<Option<ProgressBar>>,
}

impl Reading {
    /// Nothing is read yet.
    #[must_use]
    pub(super) fn new(terminal: Terminal) -> Self {
        Self { terminal, bar: Mutex::default() }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the bar, where reading ended early.
    pub(super) fn clear(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    /// Prints something, with the bar out of its way.
    fn beside(&self, print: impl FnOnce()) {
        match self.bar().as_ref() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Observer for Reading {
    fn note(&self, text: &str) {
        self.beside(|| self.terminal.err(&format!("{}\n", escape(text))));
    }

    fn warn(&self, findings: &Diagnostics, sources: &Sources) {
        self.beside(|| self.terminal.show(&findings.sorted(), sources));
    }

    fn read(&self, done: usize, all: usize) {
        if done == all {
            self.clear();
        } else if self.terminal.interactive && all > FEW {
            let (done, all) = (u64::try_from(done).unwrap_or(u64::MAX), u64::try_from(all).unwrap_or(u64::MAX));
            self.bar().get_or_insert_with(|| bar(all)).set_position(done);
        }
    }
}

fn bar(all: u64) -> ProgressBar {
    let bar = ProgressBar::new(all);
    let style = ProgressStyle::with_template("{bar:24} read {pos} of {len} projects ({elapsed})");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(TICK);
    bar
}

/// Shows on stderr what an apply is doing.
pub(super) struct Progress {
    terminal: Terminal,
    spinner: Option<ProgressBar>,
    last: Mutex<String>,
}

impl Progress {
    /// Progress on this terminal.
    #[must_use]
    pub(super) fn new(terminal: Terminal) -> Self {
        let spinner = terminal.interactive.then(|| {
            let spinner = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            spinner.enable_steady_tick(TICK);
            spinner
        });
        Self { terminal, spinner, last: Mutex::default() }
    }

    /// Shows an event.
    pub(super) fn on(&self, event: &Event<'_>) {
        let message = match event {
            Event::Started(step) => format!("{}: {}", step.about(), step.call.operation),
            Event::Waiting(step, what) => format!("{}: waiting for {what}", step.about()),
            Event::ProjectWaiting(project, what) => format!("{project}: waiting for {what}"),
            Event::Ended(..) => return,
        };
        match &self.spinner {
            Some(spinner) => spinner.set_message(escape(&message).into_owned()),
            None if matches!(event, Event::Started(_)) => {}
            None => self.log(&message),
        }
    }

    /// Logs once what is waited for, where there is no spinner.
    fn log(&self, message: &str) {
        let Ok(mut last) = self.last.lock() else { return };
        if *last != message {
            self.terminal.err(&format!("{}…\n", escape(message)));
            message.clone_into(&mut last);
        }
    }

    /// Removes the spinner.
    pub(super) fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reading: &Reading, done: usize, all: usize) -> Option<u64> {
        reading.read(done, all);
        reading.bar().as_ref().map(ProgressBar::position)
    }

    #[test]
    fn a_bar_is_there_while_a_person_waits_for_many() {
        let reading = Reading::new(Terminal { interactive: true, ..Terminal::plain() });
        assert_eq!([0, 1].map(|done| shown(&reading, done, FEW)), [None, None]);
        assert_eq!([0, 3, 5].map(|done| shown(&reading, done, 5)), [Some(0), Some(3), None]);
        assert_eq!(shown(&reading, 2, 9), Some(2));
        reading.clear();
        assert!(reading.bar().is_none());
        assert_eq!(shown(&Reading::new(Terminal::plain()), 3, 9), None);
    }
}
