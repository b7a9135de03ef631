terraform {
  cloud {
    organization = "acme"

    workspaces {
      name = "bond"
    }
  }
}
