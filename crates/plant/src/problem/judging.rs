//! Decisions about risk.

use super::{Thing, problems};

problems! {
    /// Decisions about risk.
    Judging {
        /// The role may not decide this.
        WrongRole { who: Thing, role: String, zone: String } "RW0621" Error
            "{who}: role `{role}` may not accept risk for `{zone}`"
                => "let a role decide that may: one with `may = [\"accept risk\"]`, or, where no role says so, one that is of the owner and no visitor"
            "{who}: die Rolle `{role}` darf für `{zone}` kein Risiko akzeptieren"
                => "eine Rolle entscheiden lassen, die es darf: eine mit `may = [\"accept risk\"]` oder, wo keine Rolle das sagt, eine des Betreibers, die kein Besucher ist"
        /// Neither requirement nor group.
        Unknown { who: Thing, id: String } "RW0622" Error
            "{who}: there is no requirement or group `{id}`"
                => "write an id such as `SR 1.1` or `CR 1.1`, or a group: IAC, UC, SI, DC, RDF, TRE, RA"
            "{who}: eine Anforderung oder Gruppe `{id}` gibt es nicht"
                => "eine Id wie `SR 1.1` oder `CR 1.1` schreiben oder eine Gruppe: IAC, UC, SI, DC, RDF, TRE, RA"
        /// Nothing of this id.
        Nowhere { who: Thing, id: String } "RW0623" Error
            "{who}: there is no zone, conduit or device `{id}`"
                => "name them by id"
            "{who}: Zone, Conduit oder Gerät `{id}` gibt es nicht"
                => "sie mit ihrer Id nennen"
        /// No level.
        Level { who: Thing, text: String } "RW0624" Error
            "{who}: `{text}` is no level"
                => "write a whole number from 0 to 4"
            "{who}: `{text}` ist kein Level"
                => "eine ganze Zahl von 0 bis 4 schreiben"
        /// Two decisions that cannot both hold.
        Contradicts { who: Thing, place: String, line: usize } "RW0625" Error
            "{who}: another decision about `{place}` says otherwise (line {line})"
                => "keep one of them"
            "{who}: eine andere Entscheidung über `{place}` sagt etwas anderes (Zeile {line})"
                => "eine davon behalten"
        /// No matrix.
        Matrix { who: Thing } "RW0626" Error
            "{who}: the risk matrix does not have five rows of five words that never fall"
                => "write five texts of five words (`low`, `medium`, `high`, `very high`), rows by consequence, columns by likelihood, both rising"
            "{who}: die Risikomatrix hat nicht fünf Zeilen mit fünf Worten, die nie fallen"
                => "fünf Texte mit fünf Worten schreiben (`low`, `medium`, `high`, `very high`), Zeilen nach Auswirkung, Spalten nach Wahrscheinlichkeit, beide steigend"
    }
}
