//! The foot: who made the page.

use words::Language;

use crate::markup::Markup;
use crate::model::Page;

pub(crate) fn write(m: &mut Markup, page: &Page, language: Language) {
    m.with("footer", &[], |m| {
        m.leaf(
            "p",
            &[],
            &language.pick(
                format!(
                    "Made by {} from the plant's text. This file holds everything it shows and asks nobody for \
                     anything: it can be read offline, mailed and archived.",
                    page.program
                ),
                format!(
                    "Erstellt von {} aus dem Text der Anlage. Diese Datei enthält alles, was sie zeigt, und fragt \
                     nirgends an: sie lässt sich ohne Netz lesen, verschicken und ablegen.",
                    page.program
                ),
            ),
        );
    });
}
