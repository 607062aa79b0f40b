//! What a careful reader would point out.

use super::{Thing, problems};

problems! {
    /// What a careful reader would point out.
    Finding {
        /// A fail-safe controller among others.
        FailSafe { who: Thing, order: String, kind: String, zone: String } "RW0801" Warning
            "{who} is a fail-safe device (`{order}`), but stands as `{kind}` in zone `{zone}`, which is no safety zone"
                => "move it to the safety zone; or, if no safety function runs on it, write `function = {{ safety = \"none\" }}`"
            "{who} ist fehlersicher (`{order}`), steht aber als `{kind}` in Zone `{zone}`, die keine Sicherheitszone ist"
                => "es in die Sicherheitszone setzen; oder, wenn keine Sicherheitsfunktion darauf läuft, `function = {{ safety = \"none\" }}` schreiben"
    }
}
