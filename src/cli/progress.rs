//! Progress of an apply: a spinner on a terminal; elsewhere, a line for each long wait, so that CI never looks hung.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::Terminal;
use crate::apply::Event;
use crate::diag::render::escape;

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
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        });
        Self { terminal, spinner, last: Mutex::default() }
    }

    /// Shows an event.
    pub(super) fn on(&self, event: &Event<'_>) {
        let message = match event {
            Event::Started(step) => format!("{}: {}", step.at, step.call.operation),
            Event::Waiting(step, what) => format!("{}: waiting for {what}", step.at),
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
