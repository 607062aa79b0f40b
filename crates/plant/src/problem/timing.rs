//! Time.

use super::{Thing, problems};

problems! {
    /// Time.
    Timing {
        /// Not a window.
        Window { who: Thing, text: String } "RW0501" Error
            "{who}: `{text}` is no window of time"
                => "write `daily 02:00-03:00`, `Sun 01:00-05:00` or `Mon-Fri 06:00-22:00`, in local time"
            "{who}: `{text}` ist kein Zeitfenster"
                => "`daily 02:00-03:00`, `Sun 01:00-05:00` oder `Mon-Fri 06:00-22:00` schreiben, in Ortszeit"
        /// A window without a time zone.
        NoTimezone { who: Thing } "RW0502" Error
            "{who} depends on local time, and the plant has no time zone"
                => "add `timezone = \"Europe/Berlin\"` under `[plant]`"
            "{who} hängt von der Ortszeit ab, und die Anlage hat keine Zeitzone"
                => "unter `[plant]` `timezone = \"Europe/Berlin\"` ergänzen"
        /// A time zone nobody knows.
        Timezone { text: String } "RW0503" Error
            "`{text}` is no time zone"
                => "write a name of the IANA list: `Europe/Berlin`"
            "`{text}` ist keine Zeitzone"
                => "einen Namen der IANA-Liste schreiben: `Europe/Berlin`"
        /// A part of the window does not exist on one day.
        Skipped { who: Thing, window: String, date: String, how: How } "RW0504" Warning
            "{who}: on {date} the clock is put forward inside `{window}`: {how}"
                => "choose another hour if the flow must open on that day too"
            "{who}: am {date} wird die Uhr innerhalb von `{window}` vorgestellt: {how}"
                => "eine andere Stunde wählen, wenn der Fluss auch an diesem Tag aufgehen muss"
        /// A part of the window exists twice on one day.
        Doubled { who: Thing, window: String, date: String } "RW0505" Note
            "{who}: on {date} the clock is put back inside `{window}`: the hour is open both times"
                => "choose another hour if the flow must not stay open longer on that day"
            "{who}: am {date} wird die Uhr innerhalb von `{window}` zurückgestellt: die Stunde ist beide Male offen"
                => "eine andere Stunde wählen, wenn der Fluss an diesem Tag nicht länger offen sein darf"
        /// Not a duration.
        Duration { who: Thing, key: String, text: String } "RW0506" Error
            "{who}: `{key}` cannot be `{text}`"
                => "write a duration above zero: `30min`, `2h`, `3s`"
            "{who}: `{key}` kann nicht `{text}` sein"
                => "eine Dauer über null schreiben: `30min`, `2h`, `3s`"
        /// Not a date.
        Date { who: Thing, key: String, text: String } "RW0507" Error
            "{who}: `{key}` cannot be `{text}`"
                => "write the day as `2026-11-30`"
            "{who}: `{key}` kann nicht `{text}` sein"
                => "den Tag als `2026-11-30` schreiben"
        /// Not a moment.
        Moment { who: Thing, text: String } "RW0508" Error
            "{who}: `{text}` is no moment"
                => "write `02:30`, `Sun 02:00` or `2027-07-01T02:30+02:00`"
            "{who}: `{text}` ist kein Zeitpunkt"
                => "`02:30`, `Sun 02:00` oder `2027-07-01T02:30+02:00` schreiben"
    }
}

/// What a skipped hour does to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing of the window is left.
    Whole,
    /// It is shorter.
    Shorter,
}

impl super::say::Say for How {
    fn say(&self, language: words::Language) -> String {
        let (en, de) = match self {
            Self::Whole => ("it does not open at all", "er geht gar nicht auf"),
            Self::Shorter => {
                ("it is shorter by the hour skipped", "er ist um die übersprungene Stunde kürzer")
            }
        };
        language.pick(en, de).to_owned()
    }
}
