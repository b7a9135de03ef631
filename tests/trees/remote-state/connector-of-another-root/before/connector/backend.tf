terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "connector.tfstate"
    region = "us-west-2"
  }
}
