//! Which rows of a long board are in view.

/// Which rows are in view, of rows of different heights.
pub struct Window {
    /// The first row in view.
    pub first: usize,
    /// How many of the first row's lines are above the view.
    pub skip: usize,
    /// One past the last row in view.
    pub last: usize,
    /// Whether something is out of view: then the last line says how much.
    pub cut: bool,
    /// How many rows at the end are not whole.
    pub whole: usize,
}

impl Window {
    /// The selection keeps two lines of company below where there are any.
    pub fn around(selected: usize, heights: &[usize], room: usize) -> Self {
        let total: usize = heights.iter().sum();
        let end: usize = heights.iter().take(selected + 1).sum();
        let cut = total > room;
        // The last line of a long board says how much is out of view.
        let shown = room - usize::from(cut && room > 0);
        let from = (end + 2).saturating_sub(shown).min(total.saturating_sub(shown));
        let until = from + shown;
        let (mut begin, mut first, mut skip, mut last, mut whole) = (0, None, 0, 0, 0);
        for (n, height) in heights.iter().enumerate() {
            if begin + height > from && first.is_none() {
                first = Some(n);
                skip = from - begin;
            }
            if begin < until {
                last = n + 1;
            }
            if begin + height <= until {
                whole = n + 1;
            }
            begin += height;
        }
        Self { first: first.unwrap_or(0), skip, last, cut, whole }
    }
}
