//! HTML, written so that no text can be taken for markup.

use super::words;

/// The most that is shown of one text: whoever names a room must not decide how large the page is.
const LONGEST_TEXT: usize = 300;

/// HTML under construction.
#[derive(Debug, Default)]
pub(super) struct Html(String);

impl Html {
    /// What was written.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Markup of ours, as it is.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text of whatever origin, which may stand in an element or between the double quotes of an attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        let mut chars = text.chars();
        for c in chars.by_ref().take(LONGEST_TEXT) {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // A name on several lines is read as one, and other control characters are none.
                '\n' | '\r' | '\t' => self.0.push(' '),
                c if c.is_control() => self.0.push(char::REPLACEMENT_CHARACTER),
                c => self.0.push(c),
            }
        }
        if chars.next().is_some() {
            self.0.push('…');
        }
        self
    }

    /// A name that people gave, in a direction of its own, which does not turn what stands around it.
    pub(super) fn name(&mut self, name: &str) -> &mut Self {
        self.markup("<bdi>").text(name).markup("</bdi>")
    }

    /// A time of the wall clock.
    pub(super) fn time(&mut self, unix_seconds: f64) -> &mut Self {
        match words::time(unix_seconds) {
            Some(time) => self
                .markup("<time datetime=\"")
                .text(&format!("{}T{}Z", time.date, time.clock))
                .markup("\">")
                .text(&format!("{} {} UTC", time.date, time.clock))
                .markup("</time>"),
            None => self.text("an impossible time"),
        }
    }

    /// A table of `columns` with a caption. The roles are those that the elements have, which a browser may
    /// forget where a narrow screen shows the rows as stacks.
    pub(super) fn table(
        &mut self,
        columns: &[&'static str],
        caption: impl FnOnce(&mut Self),
        rows: impl FnOnce(&mut Self),
    ) {
        self.markup("<table role=\"table\">\n<caption>");
        caption(self);
        self.markup("</caption>\n<thead><tr role=\"row\">");
        for column in columns {
            self.markup("<th scope=\"col\" role=\"columnheader\">")
                .text(column)
                .markup("</th>");
        }
        self.markup("</tr></thead>\n<tbody>\n");
        rows(self);
        self.markup("</tbody>\n</table>\n");
    }

    /// A row; `cells` writes its cells, the first of which is its header.
    pub(super) fn row(&mut self, cells: impl FnOnce(&mut Self)) {
        self.markup("<tr role=\"row\">");
        cells(self);
        self.markup("</tr>\n");
    }

    /// The cell that says what its row is about.
    pub(super) fn header_cell(&mut self, content: impl FnOnce(&mut Self)) {
        self.markup("<th scope=\"row\" role=\"rowheader\">");
        content(self);
        self.markup("</th>");
    }

    /// A cell of a few words that stay on one line where there is room; else as [`Self::cell`].
    pub(super) fn short_cell(&mut self, column: &'static str, content: impl FnOnce(&mut Self)) {
        self.markup("<td role=\"cell\" class=\"short\" data-column=\"")
            .text(column)
            .markup("\"><span>");
        content(self);
        self.markup("</span></td>");
    }

    /// A cell; `column` stands beside it where a narrow screen shows the row as a stack.
    pub(super) fn cell(&mut self, column: &'static str, content: impl FnOnce(&mut Self)) {
        self.markup("<td role=\"cell\" data-column=\"")
            .text(column)
            .markup("\"><span>");
        content(self);
        self.markup("</span></td>");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_markup_and_every_text_is_told(text in "(\\PC|[<>&\"'\\n\\x00]){0,400}") {
            let mut html = Html::default();
            html.text(&text);
            let written = html.into_string();
            prop_assert!(!written.contains(['<', '>', '"', '\'']));
            let read = written
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'");
            // What is left of & are those that stand for one.
            prop_assert_eq!(read.matches('&').count(), read.matches("&amp;").count());
            let read = read.replace("&amp;", "&");
            let whole: String = text
                .chars()
                .take(LONGEST_TEXT)
                .map(|c| match c {
                    '\n' => ' ',
                    '\0' => char::REPLACEMENT_CHARACTER,
                    c => c,
                })
                .collect();
            prop_assert_eq!(read.strip_suffix('…').filter(|_| text.chars().count() > LONGEST_TEXT).unwrap_or(&read), whole);
        }
    }
}
