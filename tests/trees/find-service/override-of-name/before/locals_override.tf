locals {
  name = "another"
}
