//! Objects on the shelf that nobody names: a process that died on its way left them there. They count nowhere and take room.

use std::collections::HashSet;

use super::old::object_of;
use crate::columns::Columns;
use crate::error::Error;

impl Columns {
    /// The objects of old parts that no manifest names: not that of these columns, and none of those that are pinned.
    /// What else lies on the shelf is somebody else's.
    ///
    /// # Errors
    /// When the shelf cannot say what lies there.
    pub fn leftovers(&self) -> Result<Vec<String>, Error> {
        let Some(shelf) = &self.options.shelf else { return Ok(Vec::new()) };
        let missing = self.missing.iter().map(|missing| missing.part.file.as_str());
        let files = self.parts().map(|part| part.file.as_str()).chain(missing);
        let files = files.chain(self.retired.iter().chain(&self.pinned).map(String::as_str));
        let named: HashSet<String> = files.map(object_of).collect();
        let lying = shelf.list().map_err(Error::shelf("list", ""))?;
        Ok(lying.into_iter().filter(|object| is_ours(object) && !named.contains(object)).collect())
    }

    /// Removes [`Self::leftovers`]; answers which they were. Nobody may bring rows to the shelf meanwhile.
    ///
    /// # Errors
    /// When the shelf says no; what is gone by then stays gone.
    pub fn clear_leftovers(&mut self) -> Result<Vec<String>, Error> {
        let leftovers = self.leftovers()?;
        let Some(shelf) = &self.options.shelf else { return Ok(leftovers) };
        for object in &leftovers {
            shelf.remove(object).map_err(Error::shelf("remove", object))?;
        }
        Ok(leftovers)
    }
}

/// Whether an object is named as those of old parts are: by a number, a stream, and a month.
fn is_ours(object: &str) -> bool {
    let number = object.split_once('-').map(|(number, _)| number);
    let is_number = |text: &str| text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(is_number) && object.ends_with(".parquet")
}
