//! `/sign-in`: a form for a token, and the way to an `OpenID` provider. The HTTP server checks the token and sets the
//! cookie; these pages only ask and tell.

mod page;
mod words;

pub use page::{SignIn, local_path, resume, sign_in};
