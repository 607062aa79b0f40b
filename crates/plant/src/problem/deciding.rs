//! Decisions.

use super::{Near, Thing, problems};

problems! {
    /// Decisions.
    Deciding {
        /// A decision nothing needs.
        NotNeeded { who: Thing } "RW0601" Warning
            "{who}: the flow does not need to be opened by port only"
                => "take the decision out: the flow is not limited, is enforced by its server, or never meets the gateway"
            "{who}: der Fluss muss nicht nur nach Port geöffnet werden"
                => "die Entscheidung entfernen: der Fluss ist nicht beschränkt, sein Server setzt ihn durch, oder er trifft das Gateway nie"
        /// The last day is before the first.
        Backwards { who: Thing, date: String, until: String } "RW0602" Error
            "{who} is dated {date} and ends on {until}, before it begins"
                => "write the day of the decision into `date` and its last day into `until`"
            "{who} ist vom {date} und endet am {until}, bevor sie beginnt"
                => "den Tag der Entscheidung in `date` und ihren letzten Tag in `until` schreiben"
        /// Nothing else than closed can be decided.
        Then { who: Thing, text: String } "RW0610" Error
            "{who}: `{text}` cannot happen when the command proxy does not run; only `closed` can"
                => "write `then = \"closed\"`; rules for an emergency without the proxy are not built yet"
            "{who}: `{text}` kann nicht geschehen, wenn der Befehls-Proxy nicht läuft; nur `closed` kann das"
                => "`then = \"closed\"` schreiben; Regeln für einen Notbetrieb ohne Proxy gibt es noch nicht"
        /// Its last day is over.
        Expired { who: Thing, until: String } "RW0603" Warning
            "{who} is stale: its last day was {until}"
                => "decide again with a new date, or take it out"
            "{who} ist veraltet: ihr letzter Tag war {until}"
                => "mit neuem Datum wieder entscheiden oder sie entfernen"
        /// A fact it rests on has changed.
        FactChanged { who: Thing, fact: String, decided: String, now: String } "RW0604" Warning
            "{who} is stale: `{fact}` was `{decided}` and is `{now}`"
                => "look at the change, decide again and write the new fact, or take the decision out"
            "{who} ist veraltet: `{fact}` war `{decided}` und ist `{now}`"
                => "die Änderung ansehen, wieder entscheiden und die neue Tatsache schreiben, oder die Entscheidung entfernen"
        /// Not a fact.
        UnknownFact { who: Thing, fact: String } "RW0605" Error
            "{who}: a flow has no fact `{fact}`"
                => "facts are `from`, `to`, `service`, `allow` and `when`, written as in the flow"
            "{who}: ein Fluss hat keine Tatsache `{fact}`"
                => "Tatsachen sind `from`, `to`, `service`, `allow` und `when`, geschrieben wie im Fluss"
        /// Not a system requirement.
        UnknownRequirement { who: Thing, id: String, near: Near } "RW0606" Error
            "{who}: there is no system requirement `{id}`"
                => "{near}write an id of IEC 62443-3-3, such as `SR 1.1` or `SR 5.2 RE 1`"
            "{who}: eine Systemanforderung `{id}` gibt es nicht"
                => "{near}eine Id aus IEC 62443-3-3 schreiben, etwa `SR 1.1` oder `SR 5.2 RE 1`"
        /// Neither a zone nor a conduit.
        UnknownPlace { who: Thing, id: String, near: Near } "RW0607" Error
            "{who}: there is no zone and no conduit `{id}`"
                => "{near}name zones and conduits by id, or write `all`"
            "{who}: eine Zone oder einen Conduit `{id}` gibt es nicht"
                => "{near}Zonen und Conduits mit ihrer Id nennen oder `all` schreiben"
        /// A zone nobody assesses.
        OutsidePlace { who: Thing, id: String } "RW0608" Warning
            "{who}: zone `{id}` is outside and is not assessed"
                => "take it out of `where`, or take `outside` from the zone if it belongs to the system"
            "{who}: Zone `{id}` liegt außerhalb und wird nicht bewertet"
                => "sie aus `where` entfernen, oder `outside` von der Zone nehmen, wenn sie zum System gehört"
        /// Its last day is over.
        AttestationExpired { who: Thing, until: String } "RW0609" Warning
            "{who} is stale: its last day was {until}"
                => "look again and write a new `date` and `until`, or take it out; until then it counts for nothing"
            "{who} ist veraltet: ihr letzter Tag war {until}"
                => "noch einmal nachsehen und `date` und `until` neu schreiben oder sie entfernen; bis dahin zählt sie nicht"
    }
}
