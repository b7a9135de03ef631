locals {
  name = "bond-ai-dev"
}

unit "vpc" {
  source = "../../units/vpc"
  path   = "vpc"

  values = {
    name       = "bond"
    enable_nat = true
  }
}

unit "app" {
  source = "../../units/app"
  path   = "app"

  values = {
    name = local.name
  }
}
