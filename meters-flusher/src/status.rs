//! Shows what waits.

use crate::application::Application;
use crate::options::Options;
use crate::{say, show};

pub(crate) async fn status(options: Options, application: Application) -> Result<(), String> {
    let status = application.status().await.map_err(|error| say::line(&error))?;
    let terms = application.terms(&options, &status);
    if options.json {
        say::out(&show::as_json(&options, &application, terms.as_ref(), &status).to_string());
    } else {
        say::out(&show::as_text(&options, &application, terms.as_ref(), &status));
    }
    Ok(())
}
