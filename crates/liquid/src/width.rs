//! How wide text is: East Asian letters and emoji take two columns, marks that combine take none.

/// Ranges of letters that take two columns.
const WIDE: &[(u32, u32)] = &[
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x25fd, 0x25fe),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x26a1, 0x26a1),
    (0x26bd, 0x26be),
    (0x2705, 0x2705),
    (0x2728, 0x2728),
    (0x274c, 0x274c),
    (0x2753, 0x2755),
    (0x2757, 0x2757),
    (0x2795, 0x2797),
    (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b50),
    (0x2e80, 0x303e),
    (0x3041, 0x33ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xa000, 0xa4cf),
    (0xa960, 0xa97f),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe10, 0xfe19),
    (0xfe30, 0xfe6f),
    (0xff01, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f004, 0x1f004),
    (0x1f0cf, 0x1f0cf),
    (0x1f18e, 0x1f18e),
    (0x1f191, 0x1f19a),
    (0x1f200, 0x1f320),
    (0x1f32d, 0x1f335),
    (0x1f337, 0x1f37c),
    (0x1f37e, 0x1f393),
    (0x1f3a0, 0x1f3ca),
    (0x1f3cf, 0x1f3d3),
    (0x1f3e0, 0x1f3f0),
    (0x1f3f4, 0x1f3f4),
    (0x1f3f8, 0x1f43e),
    (0x1f440, 0x1f440),
    (0x1f442, 0x1f4fc),
    (0x1f4ff, 0x1f53d),
    (0x1f54b, 0x1f567),
    (0x1f5fb, 0x1f64f),
    (0x1f680, 0x1f6c5),
    (0x1f6d0, 0x1f6df),
    (0x1f6eb, 0x1f6ec),
    (0x1f6f4, 0x1f6fc),
    (0x1f7e0, 0x1f7eb),
    (0x1f90c, 0x1f9ff),
    (0x1fa70, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Ranges of letters that take no column: marks that combine, joiners, selectors.
const NARROWEST: &[(u32, u32)] = &[
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x0610, 0x061a),
    (0x064b, 0x065f),
    (0x0e31, 0x0e31),
    (0x0e34, 0x0e3a),
    (0x0e47, 0x0e4e),
    (0x200b, 0x200f),
    (0x2060, 0x2064),
    (0x20d0, 0x20ff),
    (0x3099, 0x309a),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
    (0xfeff, 0xfeff),
    (0x1f3fb, 0x1f3ff),
    (0xe0100, 0xe01ef),
];

/// The columns that a letter takes.
pub(crate) fn of(letter: char) -> usize {
    if letter < '\u{300}' {
        return usize::from(!letter.is_control());
    }
    if within(NARROWEST, letter) {
        0
    } else if within(WIDE, letter) {
        2
    } else {
        1
    }
}

fn within(ranges: &[(u32, u32)], letter: char) -> bool {
    let letter = u32::from(letter);
    let at = ranges.partition_point(|(_, last)| *last < letter);
    ranges.get(at).is_some_and(|(first, _)| *first <= letter)
}

/// The columns that a text takes.
pub(crate) fn of_text(text: &str) -> usize {
    text.chars().map(of).sum()
}

/// The front of a text that takes at most so many columns. A letter keeps the marks that belong to it.
pub(crate) fn front(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let mut joined = false;
    for (at, letter) in text.char_indices() {
        let width = if joined { 0 } else { of(letter) };
        if taken + width > columns {
            return &text[..at];
        }
        taken += width;
        joined = letter == '\u{200d}';
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_letters_take_two_columns_and_marks_none() {
        assert_eq!(of_text("日本語abcｱｲｳ"), 6 + 3 + 3);
        assert_eq!(of_text("か\u{3099}"), 2);
        assert_eq!(of_text("🎁"), 2);
    }

    #[test]
    fn a_letter_is_not_torn_apart() {
        assert_eq!(front("日本語", 5), "日本");
        assert_eq!(front("か\u{3099}き", 3), "か\u{3099}");
        assert_eq!(front("👩\u{200d}🚀x", 2), "👩\u{200d}🚀");
    }

    #[test]
    fn the_ranges_are_in_order() {
        for ranges in [WIDE, NARROWEST] {
            assert!(ranges.windows(2).all(|pair| pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0));
        }
    }
}
