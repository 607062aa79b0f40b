//! The form of the text.

use super::{Near, Own, Thing, Type, problems};

problems! {
    /// The form of the text.
    Form {
        /// A file is larger than any plant.
        TooLarge { file: String, bytes: u64, limit: u64 } "RW0101" Error
            "`{file}` has {bytes} bytes, more than the {limit} a plant text may have"
                => "check that this is the plant text; split a very large plant into a folder of files"
            "`{file}` hat {bytes} Bytes, mehr als die {limit}, die ein Anlagentext haben darf"
                => "prüfen, ob das der Anlagentext ist; eine sehr große Anlage in einen Ordner mit Dateien aufteilen"
        /// Not UTF-8.
        NotUtf8 { file: String } "RW0102" Error
            "`{file}` is not UTF-8 text from here on"
                => "save the file as UTF-8 in the editor"
            "`{file}` ist ab hier kein UTF-8-Text"
                => "die Datei im Editor als UTF-8 speichern"
        /// Not TOML.
        Toml { what: String } "RW0103" Error
            "this is not valid TOML: {what}"
                => "put texts in quotes, close brackets and quotes, write one `key = value` per line"
            "das ist kein gültiges TOML (Meldung des Lesers: {what})"
                => "Texte in Anführungszeichen setzen, Klammern und Anführungszeichen schließen, je Zeile ein `schlüssel = wert`"
        /// A key or table twice.
        DuplicateKey { key: String } "RW0104" Error
            "`{key}` is written twice"
                => "keep one of the two; ids are used once"
            "`{key}` steht zweimal da"
                => "eines von beiden behalten; jede Id gibt es einmal"
        /// A key the language does not have.
        UnknownKey { who: Thing, key: String, near: Near, known: Own } "RW0105" Error
            "{who}: the language has no key `{key}` here"
                => "{near}keys here: {known}"
            "{who}: die Sprache kennt hier keinen Schlüssel `{key}`"
                => "{near}Schlüssel hier: {known}"
        /// A value of another type.
        WrongType { who: Thing, key: String, expected: Type, found: Type } "RW0106" Error
            "{who}: `{key}` must be {expected}, not {found}"
                => "write {expected}"
            "{who}: `{key}` muss {expected} sein, nicht {found}"
                => "{expected} schreiben"
        /// A key that must be there is missing.
        MissingKey { who: Thing, key: String, example: Own } "RW0107" Error
            "{who}: `{key}` is missing"
                => "add `{key} = {example}`"
            "{who}: `{key}` fehlt"
                => "`{key} = {example}` ergänzen"
        /// A word that is none of those allowed.
        UnknownWord { who: Thing, key: String, text: String, allowed: Own } "RW0108" Error
            "{who}: `{key}` cannot be `{text}`"
                => "write one of {allowed}"
            "{who}: `{key}` kann nicht `{text}` sein"
                => "eines davon schreiben: {allowed}"
        /// A version of the language this program does not know.
        Version { found: String } "RW0109" Error
            "the text is written in version {found} of the language; this program reads version 1"
                => "write `ringwall = 1`, or read the text with the newer program"
            "der Text ist in Version {found} der Sprache geschrieben; dieses Programm liest Version 1"
                => "`ringwall = 1` schreiben oder den Text mit dem neueren Programm lesen"
        /// A secret in the text.
        Secret { word: String } "RW0110" Error
            "a secret stands in the text after `{word}`; whoever reads the plant can use it"
                => "take it out, change it on the device, keep it where only the device and its keepers can read it"
            "hinter `{word}` steht ein Geheimnis im Text; wer die Anlage liest, kann es benutzen"
                => "es entfernen, am Gerät ändern und dort aufbewahren, wo nur Gerät und Verantwortliche es lesen"
        /// More diagnostics than shown.
        MoreDiagnostics { count: u64 } "RW0111" Note
            "{count} more diagnostics are not shown"
                => "mend the ones shown and run again"
            "{count} weitere Meldungen werden nicht gezeigt"
                => "die gezeigten beheben und erneut prüfen"
        /// Nested too deeply.
        TooDeep { limit: usize } "RW0112" Error
            "tables and lists are nested more than {limit} deep here"
                => "no part of the language nests deeper than five; check the brackets"
            "Tabellen und Listen sind hier mehr als {limit} tief verschachtelt"
                => "kein Teil der Sprache verschachtelt tiefer als fünf; die Klammern prüfen"
        /// Empty where something must stand.
        Empty { who: Thing, key: String } "RW0113" Error
            "{who}: `{key}` is empty"
                => "write what belongs there, or leave the key out"
            "{who}: `{key}` ist leer"
                => "schreiben, was dort hingehört, oder den Schlüssel weglassen"
        /// Nothing handed in.
        NoText {} "RW0114" Error
            "there is no plant text"
                => "name a file, or a folder with `.toml` files"
            "es gibt keinen Anlagentext"
                => "eine Datei nennen, oder einen Ordner mit `.toml`-Dateien"
    }
}
