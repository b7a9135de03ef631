terraform {
  cloud {
    organization = "acme"

    workspaces {
      name = "x"
    }
  }
}
