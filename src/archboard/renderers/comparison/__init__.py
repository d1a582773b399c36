"""Two compilations side by side in every form."""
