locals {
  name = "bond-ai-dev"
}

unit "vpc" {
  source = "../../units/vpc"
  path   = "vpc"

  values = {
    name       = "bond"
    nat        = local.name == "bond-ai-prod"
  }
}

unit "app" {
  source = "../../units/app"
  path   = "app"

  values = {
    name = local.name
  }
}
