//! The files that sections are about, for the kinds that read them.

use super::listing;
use super::values::{Values, file_refused};
use crate::diag::{Diagnostic, Span, codes::manifest as codes};
use crate::files::{self, Refused};
use crate::kind::SourceFiles;
use crate::model::FileContent;

impl SourceFiles for Values<'_, '_> {
    fn beside(&mut self, written: &str, at: Span) -> Option<String> {
        let from = &self.filler.sources.get(at.source).path;
        let path = files::beside(from, written);
        path.map_err(|why| self.tell(file_refused(codes::FILE_REFUSED, at, &why))).ok()
    }

    fn read(&mut self, path: &str, at: Span) -> Option<FileContent> {
        if let Some(why) = listing::never_shown(path) {
            self.refuse_path(path, at, &why);
            return None;
        }
        if !self.contents.contains_key(path) {
            let read = self.texts.bytes(path);
            self.contents.insert(path.to_owned(), read);
        }
        match self.contents.get(path)? {
            Ok(bytes) => {
                let content = FileContent(bytes.clone());
                self.named.shown.entry(path.to_owned()).or_insert(at);
                Some(content)
            }
            Err(Refused::Missing) => None,
            Err(why) => {
                let why = why.clone();
                self.refuse_path(path, at, &why);
                None
            }
        }
    }

    fn list(&mut self, folder: &str, at: Span) -> Option<Vec<String>> {
        match listing::never_shown(folder).filter(|_| !folder.is_empty()).map_or_else(|| self.texts.list(folder), Err) {
            Ok(found) => Some(found),
            Err(Refused::Missing) => None,
            Err(why) => {
                self.refuse_path(folder, at, &why);
                None
            }
        }
    }

    fn tell(&mut self, found: Diagnostic) {
        self.filler.out.push(found);
    }
}

impl Values<'_, '_> {
    fn refuse_path(&mut self, path: &str, at: Span, why: &Refused) {
        let found = file_refused(codes::FILE_REFUSED, at, why);
        self.tell(found.hint(format!("The path is `{path}` from the root of the workspace.")));
    }
}
