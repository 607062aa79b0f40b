//! A writer of markup: every text and every value is escaped, every element is closed.

use std::fmt::Write;

/// Elements that have no content.
const VOID: [&str; 11] =
    ["meta", "link", "br", "hr", "col", "path", "rect", "circle", "line", "ellipse", "polyline"];

/// The text of a page under way. Names of elements and attributes are the crate's own words; all else is escaped.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    out: String,
}

/// Attributes of an element.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Markup {
    /// The text written.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Text of the crate itself that is markup already.
    pub(crate) fn raw(&mut self, text: &'static str) {
        self.out.push_str(text);
    }

    /// An element and what is in it.
    pub(crate) fn with(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        self.out.push('>');
        inside(self);
        let _ = write!(self.out, "</{name}>");
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.with(name, attributes, |m| m.text(text));
    }

    /// An element without content.
    pub(crate) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        if VOID.contains(&name) {
            self.open(name, attributes);
            self.out.push_str("/>");
        } else {
            self.with(name, attributes, |_| {});
        }
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        let _ = write!(self.out, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.out, " {key}=\"");
            self.text(value);
            self.out.push('"');
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c if unprintable(c) => self.out.push('\u{fffd}'),
                c => self.out.push(c),
            }
        }
    }
}

/// What no markup may hold, and what turns the direction of the text around it.
fn unprintable(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_are_escaped() {
        let mut m = Markup::default();
        m.leaf("p", &[("title", "\"><script>'")], "</p>&\u{0}\u{202e}");
        m.empty("path", &[("d", "M0 0")]);
        m.empty("span", &[]);
        assert_eq!(
            m.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;&#39;\">&lt;/p&gt;&amp;\u{fffd}\u{fffd}</p><path d=\"M0 0\"/><span></span>"
        );
    }
}
