//! Test support: dense linear algebra, the slow and obvious way.

/// Solves `A X = B` by Gauss-Jordan elimination with pivoting: the slow, obvious way.
pub(crate) fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = a.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs()))
            .unwrap();
        a.swap(column, pivot);
        b.swap(column, pivot);
        let lead = a[column][column];
        a[column]
            .iter_mut()
            .chain(b[column].iter_mut())
            .for_each(|x| *x /= lead);
        for row in 0..n {
            if row != column {
                let factor = a[row][column];
                let (top_a, top_b) = (a[column].clone(), b[column].clone());
                a[row]
                    .iter_mut()
                    .zip(&top_a)
                    .for_each(|(x, t)| *x -= factor * t);
                b[row]
                    .iter_mut()
                    .zip(&top_b)
                    .for_each(|(x, t)| *x -= factor * t);
            }
        }
    }
    b
}
