//! How numbers, money and dates are written in a locale.

/// The customs of a locale.
pub(crate) struct Locale {
    /// `ja`, or `pt-BR` when a country has customs of its own.
    pub(crate) code: &'static str,
    pub(crate) decimal: &'static str,
    pub(crate) group: &'static str,
    pub(crate) grouping: Grouping,
    /// Whether the sign of a currency comes first, and what stands between it and the number.
    pub(crate) money: (bool, &'static str),
    pub(crate) months: [&'static str; 12],
    pub(crate) months_short: [&'static str; 12],
    /// From Sunday.
    pub(crate) days: [&'static str; 7],
    pub(crate) days_short: [&'static str; 7],
    /// Before and after noon.
    pub(crate) noon: (&'static str, &'static str),
    /// Short, medium, long, full, time.
    pub(crate) dates: [&'static str; 5],
}

/// Which digits stand together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// `1,234,567`.
    Thousands,
    /// `1234` but `12.345`.
    FromTenThousand,
    /// `12,34,567`.
    Indian,
}

/// The styles of [`Locale::dates`].
pub(crate) const STYLES: [&str; 5] = ["short", "medium", "long", "full", "time"];

const EN: Locale = Locale {
    code: "en",
    decimal: ".",
    group: ",",
    grouping: Grouping::Thousands,
    money: (true, ""),
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    months_short: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    days_short: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    noon: ("AM", "PM"),
    dates: ["%-m/%-d/%y", "%b %-d, %Y", "%B %-d, %Y", "%A, %B %-d, %Y", "%-I:%M %p"],
};

const EN_GB: Locale = Locale {
    code: "en-GB",
    noon: ("am", "pm"),
    dates: ["%d/%m/%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y", "%H:%M"],
    ..EN
};

const EN_IN: Locale = Locale { code: "en-IN", grouping: Grouping::Indian, dates: EN_GB.dates, ..EN };

const JA_MONTHS: [&str; 12] =
    ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"];

const JA: Locale = Locale {
    code: "ja",
    months: JA_MONTHS,
    months_short: JA_MONTHS,
    days: ["日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"],
    days_short: ["日", "月", "火", "水", "木", "金", "土"],
    noon: ("午前", "午後"),
    dates: ["%Y/%m/%d", "%Y/%m/%d", "%Y年%-m月%-d日", "%Y年%-m月%-d日%A", "%-H:%M"],
    ..EN
};

const ZH: Locale = Locale {
    code: "zh",
    months: [
        "一月",
        "二月",
        "三月",
        "四月",
        "五月",
        "六月",
        "七月",
        "八月",
        "九月",
        "十月",
        "十一月",
        "十二月",
    ],
    months_short: JA_MONTHS,
    days: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
    days_short: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    noon: ("上午", "下午"),
    dates: ["%Y/%-m/%-d", "%Y年%-m月%-d日", "%Y年%-m月%-d日", "%Y年%-m月%-d日%A", "%H:%M"],
    ..EN
};

const KO_MONTHS: [&str; 12] =
    ["1월", "2월", "3월", "4월", "5월", "6월", "7월", "8월", "9월", "10월", "11월", "12월"];

const KO: Locale = Locale {
    code: "ko",
    months: KO_MONTHS,
    months_short: KO_MONTHS,
    days: ["일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"],
    days_short: ["일", "월", "화", "수", "목", "금", "토"],
    noon: ("오전", "오후"),
    dates: ["%y. %-m. %-d.", "%Y. %-m. %-d.", "%Y년 %-m월 %-d일", "%Y년 %-m월 %-d일 %A", "%p %-I:%M"],
    ..EN
};

const DE: Locale = Locale {
    code: "de",
    decimal: ",",
    group: ".",
    money: (false, "\u{a0}"),
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    months_short: [
        "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.",
    ],
    days: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
    days_short: ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
    dates: ["%d.%m.%y", "%d.%m.%Y", "%-d. %B %Y", "%A, %-d. %B %Y", "%H:%M"],
    ..EN
};

const FR: Locale = Locale {
    code: "fr",
    decimal: ",",
    group: "\u{202f}",
    money: (false, "\u{a0}"),
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    months_short: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
    days: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    days_short: ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    dates: ["%d/%m/%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y", "%H:%M"],
    ..EN
};

const ES: Locale = Locale {
    code: "es",
    decimal: ",",
    group: ".",
    grouping: Grouping::FromTenThousand,
    money: (false, "\u{a0}"),
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    months_short: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
    days: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
    days_short: ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
    noon: ("a. m.", "p. m."),
    dates: ["%-d/%-m/%y", "%-d %b %Y", "%-d de %B de %Y", "%A, %-d de %B de %Y", "%-H:%M"],
};

const PT: Locale = Locale {
    code: "pt",
    decimal: ",",
    group: "\u{a0}",
    grouping: Grouping::FromTenThousand,
    money: (false, "\u{a0}"),
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    months_short: [
        "jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez.",
    ],
    days: [
        "domingo",
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sábado",
    ],
    days_short: ["dom.", "seg.", "ter.", "qua.", "qui.", "sex.", "sáb."],
    dates: ["%d/%m/%y", "%d/%m/%Y", "%-d de %B de %Y", "%A, %-d de %B de %Y", "%H:%M"],
    ..EN
};

const PT_BR: Locale = Locale {
    code: "pt-BR",
    group: ".",
    grouping: Grouping::Thousands,
    money: (true, "\u{a0}"),
    dates: ["%d/%m/%Y", "%-d de %b de %Y", "%-d de %B de %Y", "%A, %-d de %B de %Y", "%H:%M"],
    ..PT
};

const IT: Locale = Locale {
    code: "it",
    decimal: ",",
    group: ".",
    money: (false, "\u{a0}"),
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    months_short: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    days: ["domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"],
    days_short: ["dom", "lun", "mar", "mer", "gio", "ven", "sab"],
    dates: ["%d/%m/%y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y", "%H:%M"],
    ..EN
};

const NL: Locale = Locale {
    code: "nl",
    decimal: ",",
    group: ".",
    money: (true, "\u{a0}"),
    months: [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    months_short: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    days: ["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"],
    days_short: ["zo", "ma", "di", "wo", "do", "vr", "za"],
    dates: ["%d-%m-%Y", "%-d %b %Y", "%-d %B %Y", "%A %-d %B %Y", "%H:%M"],
    ..EN
};

/// Every locale that is known; a language stands before its countries.
pub(crate) const LOCALES: &[Locale] = &[EN, EN_GB, EN_IN, JA, ZH, KO, DE, FR, ES, PT, PT_BR, IT, NL];

impl Locale {
    pub(crate) fn english() -> &'static Self {
        &LOCALES[0]
    }

    /// The customs for `ja`, `ja-JP` or `ja_JP`: of the country, of the language, or English.
    pub(crate) fn find(code: &str) -> &'static Self {
        let same = |locale: &&Self, code: &str| {
            locale.code.len() == code.len()
                && locale
                    .code
                    .bytes()
                    .zip(code.bytes())
                    .all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'-' && b == b'_'))
        };
        let language = code.split(['-', '_']).next().unwrap_or("");
        LOCALES
            .iter()
            .find(|locale| same(locale, code))
            .or_else(|| LOCALES.iter().find(|locale| same(locale, language)))
            .unwrap_or(Self::english())
    }

    /// Writes a number given as its digits: sign, whole part, fraction.
    pub(crate) fn number(&self, digits: &str, out: &mut String) {
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        out.push_str(sign);
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            let border = match self.grouping {
                Grouping::Thousands => left.is_multiple_of(3),
                Grouping::FromTenThousand => left.is_multiple_of(3) && whole.len() > 4,
                Grouping::Indian => left == 3 || (left > 3 && left % 2 == 1),
            };
            if at > 0 && border {
                out.push_str(self.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(self.decimal);
            out.push_str(fraction);
        }
    }

    /// Writes an amount with the sign of its currency.
    pub(crate) fn money(&self, digits: &str, sign: &str, out: &mut String) {
        let (minus, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
        let (first, between) = self.money;
        // Letters need a space where a sign does not.
        let between =
            if first && sign.ends_with(|last: char| last.is_alphabetic()) { "\u{a0}" } else { between };
        out.push_str(minus);
        if first {
            out.push_str(sign);
            out.push_str(between);
        }
        self.number(digits, out);
        if !first {
            out.push_str(between);
            out.push_str(sign);
        }
    }
}

/// A currency: its code, its sign, and how many digits it has behind the point.
pub(crate) struct Currency {
    pub(crate) code: &'static str,
    pub(crate) sign: &'static str,
    pub(crate) digits: u8,
}

const fn currency(code: &'static str, sign: &'static str, digits: u8) -> Currency {
    Currency { code, sign, digits }
}

/// The currencies whose sign or digits are not the rule; of any other, the code and two digits are written.
pub(crate) const CURRENCIES: &[Currency] = &[
    currency("USD", "$", 2),
    currency("EUR", "€", 2),
    currency("GBP", "£", 2),
    currency("JPY", "¥", 0),
    currency("CNY", "CN¥", 2),
    currency("KRW", "₩", 0),
    currency("INR", "₹", 2),
    currency("BRL", "R$", 2),
    currency("MXN", "MX$", 2),
    currency("CAD", "CA$", 2),
    currency("AUD", "A$", 2),
    currency("NZD", "NZ$", 2),
    currency("HKD", "HK$", 2),
    currency("SGD", "S$", 2),
    currency("TWD", "NT$", 2),
    currency("PHP", "₱", 2),
    currency("VND", "₫", 0),
    currency("IDR", "Rp", 2),
    currency("ILS", "₪", 2),
    currency("TRY", "₺", 2),
    currency("UAH", "₴", 2),
    currency("CLP", "CLP", 0),
    currency("ISK", "ISK", 0),
    currency("PYG", "PYG", 0),
    currency("KWD", "KWD", 3),
    currency("BHD", "BHD", 3),
    currency("JOD", "JOD", 3),
    currency("OMR", "OMR", 3),
    currency("TND", "TND", 3),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(locale: &str, amount: &str, sign: &str, expected: &str) {
        let mut out = String::new();
        Locale::find(locale).money(amount, sign, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn money_is_written_as_the_locale_writes_it() {
        check("en-US", "1234567.50", "$", "$1,234,567.50");
        check("ja_JP", "-1980", "¥", "-¥1,980");
        check("de-AT", "1234.50", "€", "1.234,50\u{a0}€");
        check("es", "1234.50", "€", "1234,50\u{a0}€");
        check("pt-br", "1234.50", "R$", "R$\u{a0}1.234,50");
        check("en-IN", "1234567.00", "₹", "₹12,34,567.00");
        check("en", "10.00", "CHF", "CHF\u{a0}10.00");
        check("tlh", "1", "$", "$1");
    }
}
