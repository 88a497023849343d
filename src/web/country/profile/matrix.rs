//! The legal profiles of a country: the articles of treaties, and how its law implements them.

use super::document::{Implementation, KnownTreaty};

/// The implementations of the articles of one treaty.
pub struct Matrix {
    /// The reference of the treaty.
    pub reference: String,
    /// The name and the reference of the treaty.
    pub treaty: String,
    /// The implementations.
    pub implementations: Vec<Implementation>,
}

/// The legal profiles by treaty, in the order of the treaties.
pub fn matrices(implementations: Vec<Implementation>, treaties: &[KnownTreaty]) -> Vec<Matrix> {
    let mut matrices: Vec<Matrix> = Vec::new();
    for one in implementations {
        let reference = &one.treaty.reference;
        match matrices
            .iter_mut()
            .find(|known| known.reference == *reference)
        {
            Some(matrix) => matrix.implementations.push(one),
            None => matrices.push(Matrix {
                reference: reference.clone(),
                treaty: reference.clone(),
                implementations: vec![one],
            }),
        }
    }
    let place = |matrix: &Matrix| {
        let mut known = treaties.iter();
        known.position(|treaty| treaty.reference == matrix.reference)
    };
    for matrix in &mut matrices {
        if let Some(treaty) = place(matrix).and_then(|at| treaties.get(at)) {
            matrix.treaty = format!("{} ({})", treaty.short_title, treaty.reference);
        }
    }
    matrices.sort_by_key(|matrix| place(matrix).unwrap_or(usize::MAX));
    matrices
}
