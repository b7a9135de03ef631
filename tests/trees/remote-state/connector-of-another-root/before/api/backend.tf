terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "api.tfstate"
    region = "us-west-2"
  }
}
