"""An event-sourced care-pathway tracker for suspected CSF leak after spine surgery."""
