services = {
  "api" = {
    image = "x"
    ports = {
      "5432" = "10.0.0.0/8" # database
    }
  }
  "bond-ai-dev" = {
    image = "y",
  }
}
