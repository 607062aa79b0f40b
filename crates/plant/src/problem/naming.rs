//! Ids and references.

use super::{Kind, Near, Thing, problems};

problems! {
    /// Ids and references.
    Naming {
        /// Not an id.
        BadId { kind: Kind, text: String } "RW0201" Error
            "`{text}` cannot be the id of a {kind}"
                => "use letters a-z, digits, `_` and `-`, at most 40; put names for people into `title`"
            "`{text}` kann keine Id sein ({kind})"
                => "Buchstaben a-z, Ziffern, `_` und `-` benutzen, höchstens 40; Namen für Menschen gehören in `title`"
        /// The same id twice.
        DuplicateId { who: Thing, line: usize, file: String } "RW0202" Error
            "{who} is written twice; the first is in `{file}` line {line}"
                => "give one of the two another id"
            "{who} steht zweimal da; das erste Mal in `{file}` Zeile {line}"
                => "einem von beiden eine andere Id geben"
        /// An id nothing has.
        UnknownId { who: Thing, kind: Kind, id: String, near: Near } "RW0203" Error
            "{who}: there is no {kind} `{id}`"
                => "{near}name one that exists, or describe it"
            "{who}: `{id}` gibt es nicht ({kind})"
                => "{near}etwas nennen, das es gibt, oder es beschreiben"
        /// A word of the language as id.
        Reserved { kind: Kind, id: String } "RW0204" Error
            "`{id}` is a word of the language and cannot be the id of a {kind}"
                => "take another id; the gateway itself is always there as `gateway`"
            "`{id}` ist ein Wort der Sprache und kann keine Id sein ({kind})"
                => "eine andere Id nehmen; das Gateway selbst gibt es immer als `gateway`"
        /// A former id that is still in use.
        WasInUse { who: Thing, was: String } "RW0205" Error
            "{who}: `was = \"{was}\"` names an id that is still in use"
                => "take `was` out, or rename the other one"
            "{who}: `was = \"{was}\"` nennt eine Id, die noch benutzt wird"
                => "`was` entfernen oder das andere umbenennen"
    }
}
