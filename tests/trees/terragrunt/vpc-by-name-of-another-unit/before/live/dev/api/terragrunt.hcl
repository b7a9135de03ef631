terraform {
  source = "../../../modules//api"
}

dependencies {
  paths = ["../network"]
}
