provider "aws" {
  alias  = "eu"
  region = "eu-west-1"
}
