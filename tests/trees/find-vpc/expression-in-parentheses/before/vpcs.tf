data "aws_vpc" "other" {
  filter {
    name   = "tag:Name"
    values = ["bond-prod"]
  }
}

data "aws_vpc" "existing" {
  filter {
    name   = "tag:Name"
    values = ["bond-dev"]
  }
}
