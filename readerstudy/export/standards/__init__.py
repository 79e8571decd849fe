"""The reads of a closed study in the forms of other systems: FHIR and DICOM."""
